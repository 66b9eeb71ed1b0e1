package dev.penstock.server.transfer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/**
 * Two channels in a socket's place.
 *
 * @param plain whether the kernel might move bytes to and from it
 */
public record TestWire(ReadableByteChannel source, WritableByteChannel target, boolean plain)
        implements Wire, ByteChannel {

    @Override
    public ByteChannel channel() {
        return this;
    }

    @Override
    public boolean isPlain() {
        return plain;
    }

    @Override
    public int descriptor() {
        return NO_DESCRIPTOR;
    }

    @Override
    public int read(ByteBuffer buffer) throws IOException {
        return source.read(buffer);
    }

    @Override
    public int write(ByteBuffer buffer) throws IOException {
        return target.write(buffer);
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {}
}
