package dev.penstock.tools.exchange;

import java.io.IOException;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Decompresses the members of a gzip file. The stream of the JDK ends where the header of a further member is cut or
 * damaged, as if the file ended there; this one throws. One thread.
 */
final class GzipInput extends GZIPInputStream {

    private static final int BUFFER_LENGTH = 64 << 10;
    private static final int TRAILER_LENGTH = 8;

    private final PeekingInput file;
    /** Bytes of the file up to the end of what the inflater was given. */
    private long filledCount;

    GzipInput(PeekingInput file) throws IOException {
        super(file, BUFFER_LENGTH);
        this.file = file;
    }

    @Override
    protected void fill() throws IOException {
        super.fill();
        filledCount = file.count();
    }

    /** @throws ZipException if the file goes on after its last member */
    @Override
    public int read(byte[] target, int from, int length) throws IOException {
        int count = super.read(target, from, length);
        if (count < 0) {
            long end = filledCount - inf.getRemaining() + TRAILER_LENGTH;
            if (file.count() > end || file.available() > 0) {
                throw new ZipException("the bytes after offset " + end + " are not a complete member");
            }
        }
        return count;
    }
}
