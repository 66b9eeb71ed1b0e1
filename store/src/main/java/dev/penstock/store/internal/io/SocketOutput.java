package dev.penstock.store.internal.io;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/** Output to sockets in ways that Java's channels lack. Any thread, one at a time for each socket. */
public final class SocketOutput {

    private SocketOutput() {}

    /** Whether there are such ways here. */
    public static boolean isAvailable() {
        return Posix.isAvailable();
    }

    /**
     * Sends bytes that more will follow at once, so that the kernel can put them into one segment with what follows.
     *
     * @param socket its descriptor; it does not block
     * @param bytes direct, and not mapped from a file; the position moves
     * @return how many bytes the socket took
     */
    public static int sendWithMore(int socket, ByteBuffer bytes) throws IOException {
        long sent;
        try {
            sent = Posix.sendWithMore(socket, MemorySegment.ofBuffer(bytes));
        } finally {
            Reference.reachabilityFence(bytes);
        }
        if (sent == -ErrorNumber.EAGAIN) {
            return 0;
        }
        if (sent < 0) {
            throw new IOException("sending to a socket: error " + -sent);
        }
        bytes.position(bytes.position() + (int) sent);
        return (int) sent;
    }
}
