package dev.penstock.tools.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.tools.console.Failures;
import dev.penstock.tools.text.KeyText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file of the keys whose put has returned, one a line, escaped as {@code scan} prints them. Each line is one write to
 * the system, so that it outlives the process as the value does: a key that is here was stored.
 */
public final class AckLog implements AutoCloseable {

    private final Path path;
    private final FileChannel file;

    public AckLog(Path path) throws IOException {
        this.path = path;
        file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    }

    void acknowledge(byte[] key) throws IOException {
        ByteBuffer line = ByteBuffer.wrap((KeyText.escape(key) + '\n').getBytes(UTF_8));
        try {
            while (line.hasRemaining()) {
                file.write(line);
            }
        } catch (IOException e) {
            throw Failures.named(path, e);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
