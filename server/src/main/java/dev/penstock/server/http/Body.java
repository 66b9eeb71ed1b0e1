package dev.penstock.server.http;

import dev.penstock.server.session.Protocol.Progress;
import dev.penstock.server.transfer.Intake;
import dev.penstock.store.Store;
import dev.penstock.store.WriteOptions;
import dev.penstock.store.transfer.ValueIntake;
import org.jspecify.annotations.Nullable;

/** The body of a request to store a value, on its way in. Event-loop thread only. */
interface Body extends AutoCloseable {

    /** Most bytes that are taken out of the buffer before the turn is looked at. */
    int TAKEN_AT_ONCE = 256 << 10;

    /**
     * Takes some of what has arrived of it out of the buffer.
     *
     * @return {@code DONE} if it is complete, {@code PART} if more of it is in the buffer, {@code INTAKE} if the rest
     *     comes by the {@link #intake}, and {@code MORE} if the rest comes by the buffer
     */
    Progress take();

    /** What brings the rest; null if it comes by the buffer. */
    @Nullable
    Intake intake();

    /**
     * Stores the complete body as the value of a key.
     *
     * @return the version of the value; {@link ValueIntake#NOT_STORED} if the condition of the options did not hold
     */
    long store(Store store, byte[] key, WriteOptions options);

    /**
     * Compares the complete body with its digests; once, before it is stored.
     *
     * @throws Problem if it is not what the client digested, or its framing is malformed
     */
    void verify();

    /** Whether {@link #store} may be called again after a condition did not hold. */
    boolean isRepeatable();

    /** Whether bytes of it are still to come that nobody reads: the connection cannot go on. */
    boolean isCutOff();

    /** Drops what was taken, unless it is stored. */
    @Override
    void close();
}
