package dev.penstock.store.transfer;

import dev.penstock.store.Key;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.ValueView;
import dev.penstock.store.internal.engine.TransferAccess;
import dev.penstock.store.internal.read.CursorAccess;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * What a server asks of a store besides the public API. Thread-safe, as the store is; it holds nothing that would have
 * to be closed.
 */
public final class StoreTransfer {

    private final Store store;

    private StoreTransfer(Store store) {
        this.store = store;
    }

    /** Opens this access to a store. */
    public static StoreTransfer of(Store store) {
        return new StoreTransfer(store);
    }

    /**
     * Points a view at the value of a key as {@link Store#get(Key, ValueView)} does, but without verifying it, in a
     * store that {@linkplain StoreOptions#withVerifyOnRead verifies} values on read. For a caller that needs a value's
     * length, version or expiry, which takes none of its bytes; before its bytes are used, {@link ValueFrame#verify}
     * it.
     *
     * @return whether there is a value
     */
    public boolean locate(Key key, ValueView view) {
        return TransferAccess.locate(store, key, view);
    }

    /**
     * Copies the value of a key, framed as by {@link ValueFrame}, into a buffer, if it is short enough. It is the
     * cheapest way to answer a request for a small value: it makes no view and allocates nothing, unless the value is
     * large or the store {@linkplain StoreOptions#withVerifyOnRead verifies} values on read.
     *
     * @param maxLength the longest frame to copy
     * @return length of the frame, which is copied if it is at most {@code maxLength} and the buffer has space for it;
     *     the buffer is left alone otherwise. -1 if the key is absent
     */
    public long copyFrame(Key key, ByteBuffer target, int maxLength) {
        return TransferAccess.copyFrame(store, key, ValueView::new, target, maxLength);
    }

    /** When a value expires, in milliseconds since 1970; 0 if it never does. Allocates nothing. */
    public static long expiryMillis(ValueView view) {
        return CursorAccess.expiryMillis(view);
    }

    /** Prefetches the memory of several keys before they are read. */
    public Prefetch prefetch() {
        return new Prefetch(store);
    }

    /** Visits keys as {@link Store#scan} visits entries. No value is verified, as none is read. */
    public long scanKeys(long cursor, int minKeys, Consumer<byte[]> visitor) {
        return TransferAccess.scanKeys(store, cursor, minKeys, ValueView::new, visitor);
    }
}
