package dev.penstock.server.acl;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The name and the password that an HTTP request shows by {@code Authorization}: Basic (RFC 7617) or Bearer (RFC 6750).
 * A token is the password of the default user, and so is a password without a name. Whether they are right is for
 * {@link Users#authenticate} to say. Immutable.
 */
public final class Credentials {

    /** The header field, with its line end, that asks a client for credentials. */
    public static final String CHALLENGE =
            "WWW-Authenticate: Basic realm=\"penstock\", charset=\"UTF-8\", Bearer realm=\"penstock\"\r\n";

    private static final String BASIC = "basic";
    private static final String BEARER = "bearer";

    private final String name;
    private final byte[] password;

    private Credentials(String name, byte[] password) {
        this.name = name;
        this.password = password;
    }

    /**
     * Reads a header field.
     *
     * @param authorization the field's value, one character for each byte
     * @return null if the scheme is another one, or what follows it is malformed
     */
    public static @Nullable Credentials of(String authorization) {
        int space = authorization.indexOf(' ');
        if (space < 0) {
            return null;
        }
        String rest = authorization.substring(space).strip();
        return switch (authorization.substring(0, space).toLowerCase(Locale.ROOT)) {
            case BASIC -> basic(rest);
            case BEARER -> new Credentials(Users.DEFAULT, rest.getBytes(StandardCharsets.ISO_8859_1));
            default -> null;
        };
    }

    private static @Nullable Credentials basic(String base64) {
        byte[] pair;
        try {
            pair = Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException notBase64) {
            return null;
        }
        int colon = 0;
        while (colon < pair.length && pair[colon] != ':') {
            colon++;
        }
        if (colon == pair.length) {
            return null;
        }
        String name = new String(pair, 0, colon, StandardCharsets.UTF_8);
        byte[] password = Arrays.copyOfRange(pair, colon + 1, pair.length);
        return new Credentials(name.isEmpty() ? Users.DEFAULT : name, password);
    }

    public String name() {
        return name;
    }

    /** The bytes of the password, not to be changed. */
    public byte[] password() {
        return password;
    }
}
