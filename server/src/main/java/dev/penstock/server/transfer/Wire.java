package dev.penstock.server.transfer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;

/** A connection's socket as transfers see it. */
public interface Wire {

    /** Most bytes a connection sends before the others get their turn: some 50 us where the kernel moves them. */
    long TURN_BYTES = 1 << 20;

    /** The same where each byte is encrypted first. */
    long ENCRYPTED_TURN_BYTES = 256 << 10;

    /** Most bytes of a brief turn. A reply up to this length leaves at once. */
    long BRIEF_TURN_BYTES = 256 << 10;

    /** The same where each byte is encrypted first. */
    long ENCRYPTED_BRIEF_TURN_BYTES = 64 << 10;

    /** Answered where the socket's number is not to be had. */
    int NO_DESCRIPTOR = -1;

    /** What to read from and write to; it never blocks. */
    ByteChannel channel();

    /**
     * Writes to the channel.
     *
     * @param more whether other bytes follow at once, so that the kernel had better wait for them
     * @return how many bytes were taken
     */
    default int write(ByteBuffer bytes, boolean more) throws IOException {
        return channel().write(bytes);
    }

    /**
     * Says whether a value is under way that takes several turns. Meanwhile the kernel keeps the end of a turn, which
     * does not fill a segment, for the next turn's bytes if the client still has others to acknowledge.
     */
    default void gather(boolean on) throws IOException {}

    /**
     * Whether the channel is the socket itself, so that the kernel may move bytes to it. What encrypts or compresses is
     * not: it has to see the bytes.
     */
    boolean isPlain();

    /** The file descriptor of a plain socket, or {@link #NO_DESCRIPTOR}. */
    int descriptor();

    /**
     * Most bytes of a turn.
     *
     * @param brief whether others send small requests
     */
    default long turnBytes(boolean brief) {
        if (isPlain()) {
            return brief ? BRIEF_TURN_BYTES : TURN_BYTES;
        }
        return brief ? ENCRYPTED_BRIEF_TURN_BYTES : ENCRYPTED_TURN_BYTES;
    }
}
