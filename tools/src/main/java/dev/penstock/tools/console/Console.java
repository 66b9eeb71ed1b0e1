package dev.penstock.tools.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.tools.text.ByteText;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.function.IntSupplier;

/**
 * The three standard streams of one run. Standard output is bytes, because values are; text goes there as UTF-8
 * whatever the locale says, and a failed write is an {@link IOException} rather than a flag that is never checked.
 */
public final class Console {

    private final InputStream in;
    private final OutputStream rawOut;
    private final StandardOutput standardOutput;
    private final OutputStream out;
    private final PrintStream err;
    private final IntSupplier columns;

    /** @param columns width of the terminal behind standard error at the moment, 0 if there is none */
    public Console(InputStream in, OutputStream out, OutputStream err, IntSupplier columns) {
        this.in = in;
        this.rawOut = out;
        this.standardOutput = new StandardOutput(out);
        this.out = new BufferedOutputStream(standardOutput, 64 << 10);
        this.err = new PrintStream(err, true, UTF_8);
        this.columns = columns;
    }

    public InputStream in() {
        return in;
    }

    public OutputStream out() {
        return out;
    }

    /** Something that is written to a channel. */
    @FunctionalInterface
    public interface Content {

        void writeTo(WritableByteChannel channel) throws IOException;
    }

    /** Writes bytes in bulk: to the file itself where standard output is one, so that a value can go there uncopied. */
    public void write(Content content) throws IOException {
        out.flush();
        try {
            content.writeTo(Channels.newChannel(rawOut));
        } catch (IOException e) {
            throw standardOutput.failure(e);
        }
    }

    /** Whether a write to standard output has failed. */
    public boolean isOutputBroken() {
        return standardOutput.isBroken();
    }

    public void line(String text) throws IOException {
        out.write(text.getBytes(UTF_8));
        out.write('\n');
    }

    /** One line on standard error, which every message of the program starts with its name. */
    public void complain(String message) {
        err.println("penstock: " + ByteText.shown(message));
    }

    public PrintStream err() {
        return err;
    }

    public int columns() {
        return columns.getAsInt();
    }

    public void flush() throws IOException {
        out.flush();
    }
}
