package dev.penstock.store.transfer;

import dev.penstock.store.internal.io.SocketOutput;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Sends to a socket with the flag {@code MSG_MORE}: what is written before a value leaves in one segment with the
 * value's first bytes. Any thread, one at a time for each socket.
 */
public final class MoreToFollow {

    private MoreToFollow() {}

    /** Whether the system has such a flag, and native access is granted. */
    public static boolean isAvailable() {
        return SocketOutput.isAvailable();
    }

    /**
     * Sends bytes that others will follow at once. If none do, the kernel sends them some 200 ms later.
     *
     * @param socket the descriptor of a socket that does not block
     * @param bytes a direct buffer that is not mapped from a file; its position moves
     * @return how many bytes the socket took
     */
    public static int send(int socket, ByteBuffer bytes) throws IOException {
        return SocketOutput.sendWithMore(socket, bytes);
    }
}
