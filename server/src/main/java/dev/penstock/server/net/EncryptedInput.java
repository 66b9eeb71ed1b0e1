package dev.penstock.server.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;

/**
 * A socket as TLS reads it: a turn gets so many bytes that bring no data, and no more. Records that say nothing, such as
 * KeyUpdate, cost much to take in, and a client may send them without end, before it shows a password too. One that sends
 * {@value #MOST_IDLE_BYTES} bytes of them on end is cut off.
 *
 * <p>Event-loop thread only.
 */
final class EncryptedInput implements ByteChannel {

    /** A record of any length, and some more. */
    private static final int IDLE_BYTES_OF_TURN = 20 * 1024;

    private static final int MOST_IDLE_BYTES = 1 << 20;

    private final SocketChannel socket;
    private long idleBytes; // since there was data
    private int idleBytesOfTurn;
    private boolean heldBack;

    EncryptedInput(SocketChannel socket) {
        this.socket = socket;
    }

    void beginTurn() {
        idleBytesOfTurn = 0;
        heldBack = false;
    }

    /** Notes data. */
    void brought(int bytes) {
        if (bytes > 0) {
            idleBytes = 0;
            idleBytesOfTurn = 0;
        }
    }

    /** Whether there may be more in the socket that the turn did not get. */
    boolean isHeldBack() {
        return heldBack;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        int most = IDLE_BYTES_OF_TURN - idleBytesOfTurn;
        heldBack = most <= 0;
        if (heldBack) {
            return 0;
        }
        int limit = target.limit();
        target.limit(target.position() + Math.min(most, target.remaining()));
        int read;
        try {
            read = socket.read(target);
        } finally {
            target.limit(limit);
        }
        if (read > 0) {
            idleBytesOfTurn += read;
            idleBytes += read;
            if (idleBytes > MOST_IDLE_BYTES) {
                throw new IOException(idleBytes + " bytes of TLS records that bring no data");
            }
        }
        return read;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        return socket.write(source);
    }

    @Override
    public boolean isOpen() {
        return socket.isOpen();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
