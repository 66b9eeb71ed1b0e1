package dev.penstock.server.transfer;

import java.io.IOException;

/**
 * Encoded replies: a range of a {@link OutputChunk}. It grows with the chunk until it is ended. The output after a
 * value that is sent from its file continues in the same chunk, in the next stretch.
 *
 * <p>Event-loop thread only.
 */
final class Stretch implements OutputPiece {

    private static final int GROWING = -1;

    private final OutputChunk chunk;
    private int offset; // of the first byte that is not sent
    private int end;

    Stretch(OutputChunk chunk) {
        this.chunk = chunk;
    }

    Stretch begin(int from) {
        offset = from;
        end = GROWING;
        return this;
    }

    OutputChunk chunk() {
        return chunk;
    }

    boolean isGrowing() {
        return end == GROWING;
    }

    /** What is put into the chunk from now on belongs to another stretch. */
    void end() {
        end = chunk.bytes().position();
    }

    /** Takes {@link #end()} back: the chunk is where it was then. */
    void reopen() {
        end = GROWING;
    }

    /**
     * Replaces a range by fewer bytes; what follows in this stretch moves up to them.
     *
     * @param from offset in the chunk, of bytes that are not sent
     */
    void replace(int from, int length, byte[] replacement) {
        int last = limit();
        int target = from + replacement.length;
        chunk.bytes().put(from, replacement);
        chunk.bytes().put(target, chunk.bytes(), from + length, last - from - length);
        int shorter = length - replacement.length;
        if (isGrowing()) {
            chunk.bytes().position(last - shorter);
        } else {
            end -= shorter;
        }
    }

    private int limit() {
        return isGrowing() ? chunk.bytes().position() : end;
    }

    @Override
    public long writeTo(Wire wire, long limit, boolean more) throws IOException {
        int length = (int) Math.min(limit, remaining());
        int written = wire.write(chunk.view(offset, length), more);
        offset += written;
        return written;
    }

    @Override
    public boolean isWaiting() {
        return false;
    }

    @Override
    public long remaining() {
        return (long) limit() - offset;
    }

    @Override
    public int release() {
        return chunk.release() ? chunk.capacity() : 0;
    }
}
