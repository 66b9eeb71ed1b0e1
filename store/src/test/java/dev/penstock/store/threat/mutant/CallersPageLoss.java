package dev.penstock.store.threat.mutant;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.penstock.store.Store;
import dev.penstock.store.StoreClosedException;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.ValueView;
import java.nio.file.Path;
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

    /** The error that comes next; null if none does. */
    private static final AtomicReference<@Nullable InternalError> DUE = new AtomicReference<>();

    private CallersPageLoss() {}

    /** Throws the error, once, where it comes due. */
    public static void beforeDelivery() {
        InternalError due = DUE.getAndSet(null);
        if (due != null) {
            throw due;
        }
    }

    private static void assertOwn(String use, Executable action) {
        InternalError own = new InternalError("a fault occurred in the caller's own mapping");
        DUE.set(own);
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
}
