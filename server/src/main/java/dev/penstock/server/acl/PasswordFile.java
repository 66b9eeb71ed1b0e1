package dev.penstock.server.acl;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file whose first line is a password, in UTF-8. */
public final class PasswordFile {

    private static final int MOST_BYTES = 1 << 20;

    private PasswordFile() {}

    /**
     * Reads the password.
     *
     * @throws IllegalArgumentException with the file's name if it is longer than 1 MiB, is not UTF-8 or its first line
     *     is empty
     * @throws IOException if it cannot be read
     */
    public static String read(Path file) throws IOException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MOST_BYTES + 1);
        }
        if (bytes.length > MOST_BYTES) {
            throw new IllegalArgumentException(file + " is longer than 1 MiB");
        }
        String text;
        try {
            text = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(file + " is not UTF-8 text", e);
        }
        String password = text.lines().findFirst().orElse("");
        if (password.isEmpty()) {
            throw new IllegalArgumentException("the password is empty: the first line of " + file);
        }
        return password;
    }
}
