package dev.penstock.store.transfer;

import dev.penstock.store.internal.io.Pipe;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A pipe of the kernel between a value's file and a socket: pages go through it without being copied, by Linux's {@code
 * splice}. Fill it from one side, then drain it to the other; what a full socket does not take stays in it.
 *
 * <p>Sockets are named by their file descriptor, which must not block, and which the caller keeps open meanwhile.
 *
 * <p>One thread at a time.
 */
public final class SplicePipe implements AutoCloseable {

    private final Pipe pipe;

    private SplicePipe(Pipe pipe) {
        this.pipe = pipe;
    }

    /** Null where the system has no such thing, native access is denied, or the process has too many files open. */
    public static @Nullable SplicePipe open() {
        Pipe pipe = Pipe.open();
        return pipe == null ? null : new SplicePipe(pipe);
    }

    /** Bytes in the pipe. */
    public long content() {
        return pipe.content();
    }

    /**
     * Moves up to a number of bytes from a socket into the pipe; returns how many, 0 if there are none or the pipe is
     * full, -1 at the end.
     */
    public long fillFrom(int socket, long length) throws IOException {
        return pipe.fillFromSocket(socket, length);
    }

    /** Moves up to a number of bytes from the pipe into a socket; returns how many, 0 if the socket is full. */
    public long drainTo(int socket, long length) throws IOException {
        return pipe.drainToSocket(socket, length);
    }

    Pipe pipe() {
        return pipe;
    }

    /** What is still in it is lost. */
    @Override
    public void close() {
        pipe.close();
    }
}
