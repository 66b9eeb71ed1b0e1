package dev.penstock.tools.console;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** Standard output without a buffer, which is named in what goes wrong there. One thread. */
final class StandardOutput extends FilterOutputStream {

    private boolean broken;

    StandardOutput(OutputStream out) {
        super(out);
    }

    /** Whether a write has failed. */
    boolean isBroken() {
        return broken;
    }

    /** What to throw for a failed write. */
    IOException failure(IOException e) {
        broken = true;
        return Failures.named("standard output", e);
    }

    @Override
    public void write(int value) throws IOException {
        try {
            out.write(value);
        } catch (IOException e) {
            throw failure(e);
        }
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        try {
            out.write(bytes, from, length);
        } catch (IOException e) {
            throw failure(e);
        }
    }
}
