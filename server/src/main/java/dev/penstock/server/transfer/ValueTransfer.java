package dev.penstock.server.transfer;

import dev.penstock.store.ValueView;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;

/**
 * A value, or a part of it, that leaves file to socket. It owns the view and so keeps the value's lease until the last
 * byte is with the kernel; a value overwritten or deleted meanwhile is still sent as it was.
 */
final class ValueTransfer implements Piece {

    /** The objects of a view, its lease and this. */
    private static final int MEMORY_LENGTH = 256;

    private final ValueView view;
    private final boolean framed;
    private final long end;
    private long offset;

    private ValueTransfer(ValueView view, boolean framed, long offset, long end) {
        this.view = view;
        this.framed = framed;
        this.offset = offset;
        this.end = end;
    }

    /** The whole reply-ready frame: length line, value, line end. */
    static ValueTransfer ofFrame(ValueView view) {
        return new ValueTransfer(view, true, 0, view.frameLength());
    }

    /** A part of the value alone. */
    static ValueTransfer ofPart(ValueView view, long offset, long length) {
        return new ValueTransfer(view, false, offset, offset + length);
    }

    @Override
    public long writeTo(WritableByteChannel channel, long limit) throws IOException {
        long length = Math.min(limit, end - offset);
        long written = framed ? view.writeFrameTo(channel, offset, length) : view.writeTo(channel, offset, length);
        offset += written;
        return written;
    }

    @Override
    public long remaining() {
        return end - offset;
    }

    @Override
    public int memoryLength() {
        return MEMORY_LENGTH;
    }

    @Override
    public void release() {
        view.close();
    }
}
