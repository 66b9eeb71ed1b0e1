package dev.penstock.store.internal.io;

import dev.penstock.store.PageLostException;
import dev.penstock.store.StoreClosedException;
import dev.penstock.store.StoreException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;

/**
 * Turns what mapped memory and the system throw into exceptions of the store. Nothing else does so: a package that
 * callers see reads files and mapped memory within {@link #call}, or passes what it caught to {@link #of}. The second
 * is for the few methods that every read and put runs through, where a lambda would be an object.
 *
 * <ul>
 *   <li>{@link InternalError}: the system could not supply a page of a mapped file.
 *   <li>{@link IllegalStateException}: the memory was released. A reader sees that only when its store is closed.
 *   <li>{@link IOException}: a system call failed, perhaps because the store was closed and the file with it.
 * </ul>
 *
 * <p>Both ask for {@linkplain StackReserve stack} first: what is done takes locks, leases and descriptors, and has to
 * give them back.
 *
 * <p>What the code of a caller threw, which {@link CallersCode} ran, is none of these: it passes as it is. So does the
 * error of a page that the caller touched before.
 *
 * <p>Thread-safe.
 */
public abstract class StoreErrors {

    /** Something that may touch mapped memory and call the system. */
    @FunctionalInterface
    public interface Access<T> {
        T get() throws IOException;
    }

    /** Those of files that no open store holds. */
    private static final class OfFiles extends StoreErrors {

        private final Path directory;
        private final String problem;

        OfFiles(Path directory, String problem) {
            this.directory = directory;
            this.problem = problem;
        }

        @Override
        protected StoreException pageLost(InternalError e) {
            return new PageLostException(directory.toString(), 0, problem, e);
        }

        @Override
        protected boolean isClosed() {
            return false;
        }

        @Override
        public StoreClosedException closed() {
            return new StoreClosedException(directory + " is closed");
        }
    }

    /**
     * Returns the errors of files that no open store holds.
     *
     * @param problem what to say of a page that could not be supplied
     */
    public static StoreErrors ofFiles(Path directory, String problem) {
        return new OfFiles(directory, problem);
    }

    /** The same with the usual words. */
    public static StoreErrors ofFiles(Path directory) {
        return ofFiles(directory, "a page of one of its files could not be supplied");
    }

    /** The exception for a page that the system could not supply. */
    protected abstract StoreException pageLost(InternalError e);

    /** Whether the store is closed, which explains that memory or a file is gone. */
    protected abstract boolean isClosed();

    /** The exception for a store that is closed. */
    public abstract StoreClosedException closed();

    /**
     * Does something that may touch mapped memory.
     *
     * @param what for the exception, as in "clearing /data/store"
     */
    public final <T> T call(String what, Access<T> access) {
        StackReserve.require();
        PageFaults.deliverCallers();
        try {
            T result = access.get();
            PageFaults.deliver();
            return result;
        } catch (CallersCode.Thrown e) {
            throw callers(e);
        } catch (IOException e) {
            throw of(what, e);
        } catch (IllegalStateException | InternalError e) {
            throw of(e);
        }
    }

    /** Throws what the code of a caller threw, which may be a checked exception that this code does not know. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <E extends Throwable> RuntimeException callers(CallersCode.Thrown thrown) throws E {
        throw (E) thrown.getCause();
    }

    /**
     * Makes something that is to be closed, which may touch mapped memory. The error of a page may come when it is made
     * already: it is closed then, since the caller never gets it.
     *
     * @param what for the exception, as in "opening /data/store"
     */
    public final <T extends AutoCloseable> T open(String what, Access<T> access) {
        return call(what, new Opening<>(access));
    }

    private record Opening<T extends AutoCloseable>(Access<T> access) implements Access<T> {

        @Override
        public T get() throws IOException {
            return delivered(access.get());
        }
    }

    private static <T extends AutoCloseable> T delivered(T made) {
        try {
            PageFaults.deliver();
            return made;
        } catch (InternalError lost) {
            closeAfter(lost, made);
            throw lost;
        }
    }

    private static void closeAfter(InternalError lost, AutoCloseable made) {
        try {
            made.close();
        } catch (Exception e) {
            lost.addSuppressed(e);
        }
    }

    /**
     * Does something that may touch mapped memory, and whose other errors are the caller's to handle: those of a
     * channel.
     *
     * @throws IOException as the access did, unless the store was closed
     */
    public final <T> T touch(Access<T> access) throws IOException {
        StackReserve.require();
        PageFaults.deliverCallers();
        try {
            T result = access.get();
            PageFaults.deliver();
            return result;
        } catch (CallersCode.Thrown e) {
            throw callers(e);
        } catch (ClosedChannelException e) {
            if (isClosed()) {
                throw closed(e);
            }
            throw e;
        } catch (IllegalStateException | InternalError e) {
            throw of(e);
        }
    }

    /**
     * Returns the exception to throw for an error of mapped memory.
     *
     * @param thrown an {@link InternalError} or an {@link IllegalStateException}
     */
    public final RuntimeException of(Throwable thrown) {
        return switch (thrown) {
            case InternalError lost -> pageLost(lost);
            case IllegalStateException released -> isClosed() ? closed(released) : released;
            default -> throw new IllegalArgumentException("no error of mapped memory", thrown);
        };
    }

    /** Returns the exception to throw for a system call that failed. */
    public final StoreException of(String what, IOException e) {
        return isClosed() ? closed(e) : ofSystem(what, e);
    }

    /** The same where no store can have been closed. */
    public static StoreException ofSystem(String what, IOException e) {
        return StoreException.of(what, e);
    }

    private StoreClosedException closed(Exception cause) {
        StoreClosedException closed = closed();
        closed.initCause(cause);
        return closed;
    }
}
