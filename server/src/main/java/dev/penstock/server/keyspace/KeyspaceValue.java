package dev.penstock.server.keyspace;

import dev.penstock.server.resp.Reply;
import dev.penstock.store.ValueView;
import dev.penstock.store.transfer.StoreTransfer;
import dev.penstock.store.transfer.ValueFrame;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * A value that a command reads: in place in the store, or as an earlier command of the same transaction left it. It
 * must be closed, unless it is passed to a reply, which holds it until it is sent.
 */
public final class KeyspaceValue implements AutoCloseable {

    private static final int LONG_LENGTH = 64 << 10;

    private final @Nullable ValueView view; // null if it is not in the store
    private final MemorySegment pending; // empty if it is in the store
    private final long expiryMillis;
    private final long version;
    private boolean copied; // so that it has to be verified

    private KeyspaceValue(@Nullable ValueView view, MemorySegment pending, long expiryMillis, long version) {
        this.view = view;
        this.pending = pending;
        this.expiryMillis = expiryMillis;
        this.version = version;
    }

    /** A value in the store; takes the view over. */
    static KeyspaceValue stored(ValueView view) {
        return new KeyspaceValue(view, MemorySegment.NULL, StoreTransfer.expiryMillis(view), view.version());
    }

    /** A value that is still to be stored. */
    static KeyspaceValue pending(MemorySegment bytes, long expiryMillis) {
        return new KeyspaceValue(null, bytes, expiryMillis, 0);
    }

    /** Whether it lies in the store, where any thread may read it until this is closed. */
    public boolean isStored() {
        return view != null;
    }

    public long length() {
        return view == null ? pending.byteSize() : view.length();
    }

    /** Changes with every write to the key; only of a value in the store. Known when it is closed, as the expiry is. */
    long version() {
        return version;
    }

    /** In milliseconds of the epoch; {@link Keyspace#NO_EXPIRY} if it does not expire. */
    public long expiryMillis() {
        return expiryMillis;
    }

    /** For a value that takes the place of another, if there was one, and lives as long. */
    public static long expiryOf(@Nullable KeyspaceValue old) {
        return old == null ? Keyspace.NO_EXPIRY : old.expiryMillis;
    }

    public boolean expires() {
        return expiryMillis != Keyspace.NO_EXPIRY;
    }

    /** Whether all of the value has to be read before it may be used, so long a one that another thread should. */
    public boolean isLongToVerify() {
        return unverifiedLength() >= LONG_LENGTH;
    }

    /** How many bytes {@link #verify} reads; 0 if that is not due. */
    public long unverifiedLength() {
        return view != null && ValueFrame.isVerificationDue(view) ? view.length() : 0;
    }

    /** Verifies the value if that is due. Any thread, for a value that {@link #isStored}. */
    public void verify() {
        if (view != null) {
            ValueFrame.verify(view);
        }
    }

    /**
     * The bytes, to make another value of; only until this is closed. The other value gets a checksum of its own, which
     * would match damaged bytes as well. Therefore it is due from now on to {@link #verify} this one, whatever the
     * options of the store say, and {@link Keyspace#update} does.
     */
    public MemorySegment segment() {
        requireVerification();
        return view == null ? pending : view.segment();
    }

    private void requireVerification() {
        if (view != null && !copied) {
            ValueFrame.requireVerification(view);
            copied = true;
        }
    }

    /** Verifies the value if another was made of its bytes. */
    void verifyCopied() {
        if (copied) {
            verify();
        }
    }

    /** A verified copy, to make another value of, as of {@link #segment}. */
    public byte[] toSoundArray() {
        requireVerification();
        return toByteArray();
    }

    /** A copy to reply with. */
    public byte[] toByteArray() {
        verify();
        return view == null ? pending.toArray(ValueLayout.JAVA_BYTE) : view.toByteArray();
    }

    /** Replies with the value; takes it over. */
    public void answer(Reply reply) {
        if (view == null) {
            reply.bulk(pending.asByteBuffer());
        } else {
            reply.valueOrNil(view);
        }
    }

    /** Replies with a part of the value; takes it over. */
    public void answer(Reply reply, long offset, long length) {
        if (view == null) {
            reply.bulk(pending.asSlice(offset, length).asByteBuffer());
        } else {
            reply.part(view, offset, length);
        }
    }

    @Override
    public void close() {
        if (view != null) {
            view.close();
        }
    }
}
