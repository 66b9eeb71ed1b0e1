package dev.penstock.tools.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A small file of UTF-8 text, such as a configuration. A longer file, or one that is not text, is refused. */
public final class TextFile {

    private static final int MAX_LENGTH = 1 << 20;

    private TextFile() {}

    /**
     * Reads all of a file.
     *
     * @throws IllegalArgumentException with the file's name if it is longer than 1 MiB or is not UTF-8
     */
    public static String read(Path file) throws IOException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_LENGTH + 1);
        }
        if (bytes.length > MAX_LENGTH) {
            throw new IllegalArgumentException(file + " is longer than 1 MiB");
        }
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(file + " is not UTF-8 text", e);
        }
    }
}
