package dev.penstock.server.http;

import dev.penstock.store.Store;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the target of a request names: a key, byte for byte, and the parameters of the query. Slashes and dots are bytes
 * of the key like any others, so no path is ever resolved. Immutable.
 */
final class Target {

    private static final byte[] NOTHING = {};

    private final byte[] key;
    private final Map<String, String> query;
    private final String authority;

    private Target(byte[] key, Map<String, String> query, String authority) {
        this.key = key;
        this.query = query;
        this.authority = authority;
    }

    /** Reads a target. Throws {@link Problem} if the server takes no such target. */
    static Target of(String text) {
        checkCharacters(text);
        if (text.equals("*")) {
            return new Target(NOTHING, Map.of(), "");
        }
        String authority = "";
        String rest = text;
        if (!text.startsWith("/")) {
            int scheme = text.indexOf("://");
            if (scheme < 0 || !isHttp(text.substring(0, scheme))) {
                throw new Problem(Status.BAD_REQUEST, "the target of a request is a path that begins with a slash");
            }
            int from = scheme + "://".length();
            int path = from;
            while (path < text.length() && text.charAt(path) != '/' && text.charAt(path) != '?') {
                path++;
            }
            authority = text.substring(from, path);
            rest = text.startsWith("/", path) ? text.substring(path) : "/" + text.substring(path);
        }
        int question = rest.indexOf('?');
        byte[] key = decode(rest, 1, question < 0 ? rest.length() : question);
        if (key.length > Store.MAX_KEY_LENGTH) {
            throw new Problem(Status.URI_TOO_LONG, "the key is longer than " + Store.MAX_KEY_LENGTH + " bytes");
        }
        return new Target(key, question < 0 ? Map.of() : query(rest.substring(question + 1)), authority);
    }

    /** The decoded key, not to be changed; empty for {@code /}, and for {@code *}, the server as a whole. */
    byte[] key() {
        return key;
    }

    /** The decoded parameters, one character for each byte. A parameter without a value has an empty one. */
    Map<String, String> query() {
        return query;
    }

    /** The host of a target in absolute form, empty otherwise. */
    String authority() {
        return authority;
    }

    private static boolean isHttp(String scheme) {
        return scheme.equalsIgnoreCase("http") || scheme.equalsIgnoreCase("https");
    }

    private static void checkCharacters(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c <= ' ' || c >= 0x7f || c == '#') {
                throw new Problem(
                        Status.BAD_REQUEST, "the target of the request has a character that must be percent-encoded");
            }
        }
    }

    private static Map<String, String> query(String text) {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String part : text.split("&", -1)) {
            if (part.isEmpty()) {
                continue;
            }
            int equals = part.indexOf('=');
            String name = equals < 0 ? part : part.substring(0, equals);
            String value = equals < 0 ? "" : part.substring(equals + 1);
            if (parameters.put(text(name), text(value)) != null) {
                throw new Problem(Status.BAD_REQUEST, "a parameter of the query is there twice");
            }
        }
        return parameters;
    }

    private static String text(String encoded) {
        return new String(decode(encoded, 0, encoded.length()), StandardCharsets.ISO_8859_1);
    }

    private static byte[] decode(String text, int from, int end) {
        byte[] bytes = new byte[end - from];
        int length = 0;
        for (int i = from; i < end; i++) {
            char c = text.charAt(i);
            if (c == '%') {
                int high = digit(text, i + 1, end);
                int low = digit(text, i + 2, end);
                if (high < 0 || low < 0) {
                    throw new Problem(
                            Status.BAD_REQUEST, "after a percent sign in the target come two hexadecimal digits");
                }
                c = (char) (high << 4 | low);
                i += 2;
            }
            bytes[length++] = (byte) c;
        }
        return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
    }

    private static int digit(String text, int index, int end) {
        return index < end ? Character.digit(text.charAt(index), 16) : -1;
    }
}
