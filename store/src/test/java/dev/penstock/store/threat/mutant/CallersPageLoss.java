package dev.penstock.store.threat.mutant;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.penstock.store.Key;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.Store;
import dev.penstock.store.StoreAccess;
import dev.penstock.store.StoreClosedException;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.ValueView;
import dev.penstock.store.WriteBatch;
import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.transfer.StoreTransfer;
import dev.penstock.store.transfer.ValueFrame;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.function.Executable;

/**
 * A page of the caller's own mapping is lost. In compiled code its error is only noted, and comes due inside the method
 * of the store that the caller calls next. Loaded by {@link CallersPageLossTest} with a {@code PageFaults.deliver} that
 * calls {@link #beforeDelivery}.
 */
public final class CallersPageLoss {

    private static final StoreOptions OPTIONS = StoreOptions.defaults().withSegmentSize(1 << 20);

    private static final byte[] KEY = bytes("key");
    private static final int LARGE = 2 << 20;
    private static final ByteBuffer ROOM = ByteBuffer.allocate(LARGE + 100);

    /** The error that comes next to a thread. */
    private record Due(Thread thread, InternalError error) {}

    /** Null if no error does. */
    private static final AtomicReference<@Nullable Due> DUE = new AtomicReference<>();

    private CallersPageLoss() {}

    /** Throws the error, once, where it comes due. */
    public static void beforeDelivery() {
        Due due = DUE.get();
        if (due != null && due.thread.equals(Thread.currentThread())) {
            DUE.set(null);
            throw due.error;
        }
    }

    private static void assertOwn(String use, Executable action) {
        InternalError own = new InternalError("a fault occurred in the caller's own mapping");
        DUE.set(new Due(Thread.currentThread(), own));
        try {
            assertSame(own, assertThrows(Throwable.class, action, use), use);
        } finally {
            DUE.set(null);
        }
    }

    /** Closing a view ends its lease once, whatever comes between. */
    static void closing(Path directory) {
        ValueView view = new ValueView();
        try (Store store = Store.open(directory, OPTIONS)) {
            store.put(bytes("key"), random(100, 1));
            store.get(bytes("key"), view);
            assertOwn("close", view::close);
            assertEquals(100, view.length(), "the lease goes on");
            view.close();
            assertThrows(StoreClosedException.class, view::length);
        }
    }

    private interface Use {
        void of(Store store, ValueView view) throws Exception;
    }

    private static final Map<String, Use> USES = new LinkedHashMap<>();

    static {
        USES.put("get", (store, view) -> store.getBytes(KEY));
        USES.put("get into a view", (store, view) -> store.get(KEY, new ValueView()));
        USES.put("get of nothing", (store, view) -> store.getBytes(bytes("absent")));
        USES.put("contains", (store, view) -> store.contains(KEY));
        USES.put("expiryOf", (store, view) -> store.expiryOf(KEY));
        USES.put("copyFrame", (store, view) -> StoreTransfer.of(store).copyFrame(Key.of(KEY), ROOM.clear(), LARGE));
        USES.put("getAll", (store, view) -> store.getAll(List.of(KEY), (_, value) -> {}));
        USES.put("forEach", (store, view) -> store.forEach((_, value) -> {}));
        USES.put("scan", (store, view) -> store.scan(0, 10, (_, value) -> {}));
        USES.put("randomKey", (store, view) -> store.randomKey(new Random(1)));
        USES.put("put", (store, view) -> store.put(KEY, bytes("new")));
        USES.put("put of a large value", (store, view) -> store.put(KEY, new byte[LARGE]));
        USES.put("remove", (store, view) -> store.remove(KEY));
        USES.put("setExpiry", (store, view) -> store.setExpiry(KEY, Instant.MAX));
        USES.put("batch", (store, view) -> store.write(new WriteBatch().put(KEY, bytes("new"))));
        USES.put("compact", (store, view) -> store.compact(ProgressListener.NONE));
        USES.put("view.version and expiry", (store, view) -> {
            view.version();
            view.expiry();
            view.getByte(0);
        });
        USES.put("view.getByte", (store, view) -> view.getByte(0));
        USES.put("view.getLong", (store, view) -> view.getLong(1, ByteOrder.BIG_ENDIAN));
        USES.put("view.toByteArray", (store, view) -> view.toByteArray());
        USES.put("view.copyTo", (store, view) -> view.copyTo(0, ROOM.clear()));
        USES.put("view.writeTo", (store, view) -> view.writeTo(Channels.newChannel(OutputStream.nullOutputStream())));
        USES.put("view.verify", (store, view) -> view.verify());
        USES.put("view.read", (store, view) -> view.read(MemorySegment::byteSize));
        USES.put("frame.copy", (store, view) -> ValueFrame.copy(view, 0, ROOM.clear()));
        USES.put("frame.isResident", (store, view) -> ValueFrame.of(view).isResident(0, 1));
    }

    /** No error of the caller's is swallowed, or taken for one of the store, whatever is called next. */
    static void uses(Path directory) {
        for (boolean verifyOnRead : new boolean[] {false, true}) {
            for (int length : new int[] {100, LARGE}) {
                uses(
                        Store.open(
                                directory.resolve(verifyOnRead + "" + length), OPTIONS.withVerifyOnRead(verifyOnRead)),
                        length);
            }
        }
    }

    private static void uses(Store opened, int length) {
        try (Store store = opened) {
            byte[] value = random(length, 1);
            store.put(KEY, value);
            for (Map.Entry<String, Use> use : USES.entrySet()) {
                try (ValueView view = store.get(KEY)) {
                    assertOwn(
                            use.getKey() + " of " + length, () -> use.getValue().of(store, view));
                    assertArrayEquals(value, view.toByteArray());
                }
                assertFalse(store.hasFailed(), use.getKey());
                assertArrayEquals(value, store.getBytes(KEY), use.getKey());
            }
            for (LargeSegment large : StoreAccess.engine(store).segments.largeSegments()) {
                assertFalse(large.isPoisoned());
                assertFalse(large.isHeld());
            }
            store.put(KEY, bytes("after"));
            assertArrayEquals(bytes("after"), store.getBytes(KEY));
        }
    }
}
