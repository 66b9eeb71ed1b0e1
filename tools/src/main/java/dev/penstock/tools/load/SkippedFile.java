package dev.penstock.tools.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.tools.console.Failures;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The file in which an import lists what it leaves out, one line each. One thread. */
public final class SkippedFile implements AutoCloseable {

    private final Path file;
    private final BufferedWriter lines;

    public SkippedFile(Path file) throws IOException {
        this.file = file;
        this.lines = Files.newBufferedWriter(file, UTF_8);
    }

    /** @param key as it is shown; empty if what is left out has none */
    public void add(String reason, String key) throws IOException {
        try {
            lines.write(reason + '\t' + key + '\n');
        } catch (IOException e) {
            throw Failures.named(file, e);
        }
    }

    /** Writes what was added. An import whose list is not complete has failed. */
    public void flush() throws IOException {
        try {
            lines.flush();
        } catch (IOException e) {
            throw Failures.named(file, e);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            lines.close();
        } catch (IOException e) {
            throw Failures.named(file, e);
        }
    }
}
