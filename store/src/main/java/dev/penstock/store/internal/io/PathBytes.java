package dev.penstock.store.internal.io;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The bytes of a path. A path of Linux is bytes and need not be text in any encoding: {@link Path#toString} replaces
 * what it cannot decode, and the text then leads to another file or to none. The URI of a path has every byte.
 */
final class PathBytes {

    private PathBytes() {}

    /** Returns the bytes of the absolute path. */
    static byte[] ofAbsolute(Path path) {
        byte[] escaped = path.toUri().getRawPath().getBytes(StandardCharsets.US_ASCII);
        // The URI of a directory that is there ends with a slash.
        int end = escaped.length > 1 && escaped[escaped.length - 1] == '/' ? escaped.length - 1 : escaped.length;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(end);
        for (int i = 0; i < end; i++) {
            if (escaped[i] == '%') {
                bytes.write(Character.digit(escaped[i + 1], 16) << 4 | Character.digit(escaped[i + 2], 16));
                i += 2;
            } else {
                bytes.write(escaped[i]);
            }
        }
        return bytes.toByteArray();
    }

    /** Returns the bytes of a path of one element. */
    static byte[] ofName(Path name) {
        byte[] absolute = ofAbsolute(name);
        int start = absolute.length;
        while (absolute[start - 1] != '/') {
            start--;
        }
        return Arrays.copyOfRange(absolute, start, absolute.length);
    }
}
