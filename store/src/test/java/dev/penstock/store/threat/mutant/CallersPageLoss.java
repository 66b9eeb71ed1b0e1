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
import org.junit.jupiter.api.function.Executable;

/**
 * A page of the caller's own mapping is lost. In compiled code its error is only noted, and comes due inside the method
 * of the store that the caller calls next. Loaded by {@link CallersPageLossTest} with a {@code PageFaults.deliver} that
 * calls {@link #beforeDelivery}.
 */
public final class CallersPageLoss {

    private static final StoreOptions OPTIONS = StoreOptions.defaults().withSegmentSize(1 << 20);

    private static final InternalError OWN = new InternalError("a fault occurred in the caller's own mapping");

    private static volatile boolean isDue;

    private CallersPageLoss() {}

    /** Throws the error, once, where it comes due. */
    public static void beforeDelivery() {
        if (isDue) {
            isDue = false;
            throw OWN;
        }
    }

    private static void assertOwn(String use, Executable action) {
        isDue = true;
        try {
            assertSame(OWN, assertThrows(Throwable.class, action, use), use);
        } finally {
            isDue = false;
        }
    }

    /** Closing a view ends its lease once, whatever comes between. */
    static void closing(Path directory) {
        try (Store store = Store.open(directory, OPTIONS);
                ValueView view = new ValueView()) {
            store.put(bytes("key"), random(100, 1));
            store.get(bytes("key"), view);
            assertOwn("close", view::close);
            assertEquals(100, view.length(), "the lease goes on");
            view.close();
            assertThrows(StoreClosedException.class, view::length);
        }
    }
}
