package dev.penstock.server.acl;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A password. Only its digest is kept and compared, so that the time of a comparison reveals neither where a guess is
 * wrong nor how long the password is. Immutable.
 */
final class Password {

    private final byte[] digest;

    /** Clients send the text's UTF-8 bytes. */
    static Password of(String text) {
        return new Password(digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Of which only the SHA-256 digest is known. */
    static Password ofDigest(byte[] digest) {
        return new Password(digest);
    }

    private Password(byte[] digest) {
        this.digest = digest;
    }

    String hexadecimal() {
        return HexFormat.of().formatHex(digest);
    }

    boolean matches(byte[] guess) {
        return MessageDigest.isEqual(digest, digest(guess));
    }

    private static byte[] digest(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JVM has it
        }
    }
}
