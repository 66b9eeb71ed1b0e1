package dev.penstock.store.internal.read;

import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.io.StoreErrors;
import dev.penstock.store.internal.reclaim.ReaderLeases;
import dev.penstock.store.internal.segment.Expiry;
import dev.penstock.store.internal.segment.RecordFile;
import dev.penstock.store.internal.segment.SegmentAddresses;
import dev.penstock.store.internal.segment.SegmentSet;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The parts of one open store that its reads share, and whether it is still open. A final class with fields, because a
 * get loads four of them.
 *
 * <p>Thread-safe.
 */
public final class ReadContext {

    /** What reads leave to the engine. None of it is part of a read that finds its record at the first attempt. */
    public interface Host {

        /** Called when compaction has moved a record, or its value, that the key directory still named. */
        void awaitMove(int attempt);

        /** Follows the log of an owner that has removed the value of a record: the log says what the key has now. */
        void catchUp() throws IOException;

        /**
         * What turns errors of memory and files into exceptions of this store.
         *
         * @param reading the file that is being read, null if that is not known
         */
        StoreErrors errors(@Nullable RecordFile reading);
    }

    final Path path;
    final KeyDirectory directory;
    final SegmentSet segments;
    final Expiry expiry;
    /** Leases on all of the log. */
    final ReaderLeases leases;
    /** Where the segments of the log can be read by address. */
    final SegmentAddresses addresses;
    /** Of the checksums. */
    final long salt;

    final StoreErrors errors;
    final Host host;

    private volatile boolean closed;

    /**
     * The context of a store that has been recovered.
     *
     * @param leases those on all of the log
     * @param addresses where the segments of the log can be read by address
     * @param salt of the store's checksums
     */
    public ReadContext(
            Path path,
            KeyDirectory directory,
            SegmentSet segments,
            Expiry expiry,
            ReaderLeases leases,
            SegmentAddresses addresses,
            long salt,
            Host host) {
        this.path = path;
        this.directory = directory;
        this.segments = segments;
        this.expiry = expiry;
        this.leases = leases;
        this.addresses = addresses;
        this.salt = salt;
        this.host = host;
        this.errors = host.errors(null);
    }

    /** Ends all reads: each that has not returned throws. The memory of the store may be released afterwards. */
    public void close() {
        closed = true;
    }

    public boolean isClosed() {
        return closed;
    }

    /** Throws if the store is closed. */
    public void checkOpen() {
        if (closed) {
            throw errors.closed();
        }
    }
}
