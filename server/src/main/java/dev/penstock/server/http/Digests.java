package dev.penstock.server.http;

import dev.penstock.server.turn.Turn;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The digests that a request gives of its body (RFC 9530): {@code Content-Digest} and {@code Repr-Digest}, which are
 * the same here, as a body has no coding and is the whole value. Of the algorithms SHA-256 is compared, and others are
 * ignored. Takes the bytes as they pass. One request on its event loop.
 */
final class Digests {

    private static final String SHA_256 = "sha-256";
    private static final int SHA_256_LENGTH = 32;

    private final Turn turn;
    private final List<byte[]> expected;
    private final MessageDigest actual;

    private Digests(Turn turn, List<byte[]> expected) {
        this.turn = turn;
        this.expected = expected;
        try {
            this.actual = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JVM has it
        }
    }

    /**
     * Null if a request gives none that is compared.
     *
     * @param turn that pays for what is digested
     * @throws Problem if one is malformed
     */
    static @Nullable Digests of(RequestHead head, Turn turn) {
        List<byte[]> expected = new ArrayList<>();
        add(head.list("content-digest"), expected);
        add(head.list("repr-digest"), expected);
        return expected.isEmpty() ? null : new Digests(turn, expected);
    }

    /** A dictionary of byte sequences (RFC 9651): names, equals signs, and base64 between colons. */
    private static void add(@Nullable String field, List<byte[]> expected) {
        if (field == null) {
            return;
        }
        for (String member : field.split(",", -1)) {
            String text = member.strip();
            int equals = text.indexOf('=');
            if (equals < 0) {
                throw malformed();
            }
            if (text.substring(0, equals).toLowerCase(Locale.ROOT).equals(SHA_256)) {
                expected.add(decoded(text.substring(equals + 1)));
            }
        }
    }

    private static byte[] decoded(String text) {
        if (text.length() < 2 || !text.startsWith(":") || !text.endsWith(":")) {
            throw malformed();
        }
        try {
            byte[] digest = Base64.getDecoder().decode(text.substring(1, text.length() - 1));
            if (digest.length == SHA_256_LENGTH) {
                return digest;
            }
        } catch (IllegalArgumentException notBase64) {
            throw malformed();
        }
        throw malformed();
    }

    private static Problem malformed() {
        return new Problem(Status.BAD_REQUEST, "a digest is written as sha-256=:BASE64:");
    }

    void update(ByteBuffer bytes) {
        turn.spendVerification(bytes.remaining());
        actual.update(bytes);
    }

    /** @throws Problem if the bytes were not those that the client digested */
    void check() {
        byte[] digest = actual.digest();
        for (byte[] one : expected) {
            if (!MessageDigest.isEqual(one, digest)) {
                throw new Problem(Status.BAD_REQUEST, "the body does not match its digest; nothing was stored");
            }
        }
    }
}
