package dev.penstock.tools.exchange;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import com.github.luben.zstd.ZstdIOException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/**
 * Decompresses the frames of a zstd file. The library's own stream takes a frame that is cut for the end of the file if
 * another frame ends in the same buffer; this one throws. The library rejects a frame that needs a window of more than
 * 128 MiB. One thread.
 */
final class ZstdInput extends InputStream {

    private static final int BUFFER_LENGTH = 128 << 10;

    private final InputStream in;
    private final ZstdDecompressCtx frames = new ZstdDecompressCtx();
    private final byte[] buffer = new byte[BUFFER_LENGTH];
    private final ByteBuffer source = ByteBuffer.allocateDirect(BUFFER_LENGTH).limit(0);
    private final ByteBuffer content = ByteBuffer.allocateDirect(BUFFER_LENGTH).limit(0);
    /** Whether a frame has begun, or none has ended yet. */
    private boolean inFrame = true;

    ZstdInput(InputStream in) {
        this.in = in;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    /**
     * {@inheritDoc}
     *
     * @throws EOFException if the file ends in a frame
     * @throws ZstdIOException if a frame is damaged, or something else follows it
     */
    @Override
    public int read(byte[] target, int from, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (!content.hasRemaining()) {
            // A decompressor that has filled the buffer may have more.
            boolean mayHaveMore = inFrame && content.limit() == content.capacity();
            if (!source.hasRemaining() && !mayHaveMore && !fill()) {
                return -1;
            }
            decompress();
        }
        int count = Math.min(length, content.remaining());
        content.get(target, from, count);
        return count;
    }

    private boolean fill() throws IOException {
        int count = in.read(buffer);
        if (count < 0) {
            if (inFrame) {
                throw new EOFException();
            }
            return false;
        }
        source.clear().put(buffer, 0, count).flip();
        return true;
    }

    private void decompress() throws IOException {
        content.clear();
        try {
            inFrame = !frames.decompressDirectByteBufferStream(content, source);
        } catch (ZstdException e) {
            throw new ZstdIOException(e.getErrorCode(), e.getMessage());
        } finally {
            content.flip();
        }
    }

    @Override
    public void close() throws IOException {
        frames.close();
        in.close();
    }
}
