package dev.penstock.store.threat.mutant;

import static dev.penstock.store.StoreTest.bytes;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.penstock.store.PageLostException;
import dev.penstock.store.Store;
import dev.penstock.store.StoreAccess;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.internal.io.StoreErrors;
import dev.penstock.store.internal.segment.LargeSegment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The error of a page that is lost comes when what was to be made is made already, as it may in compiled code. Loaded
 * by {@link LatePageLossTest} with a {@code PageFaults.deliver} that calls {@link #beforeDelivery}.
 */
public final class LatePageLoss {

    private static final StackWalker STACK = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);
    private static final StoreOptions OPTIONS = StoreOptions.defaults().withSegmentSize(1 << 20);

    private static volatile boolean isDue;

    private LatePageLoss() {}

    /** Throws the error where all that touches pages is done. */
    public static void beforeDelivery() {
        if (isDue && STACK.walk(LatePageLoss::isDeliveredToCaller)) {
            throw new InternalError("a fault occurred in an unsafe memory access operation");
        }
    }

    private static boolean isDeliveredToCaller(Stream<StackWalker.StackFrame> frames) {
        Class<?> caller = frames.skip(2).findFirst().orElseThrow().getDeclaringClass();
        return caller.equals(StoreErrors.class);
    }

    private interface Action {
        void run() throws IOException;
    }

    private static void assertLost(Action action) {
        isDue = true;
        try {
            assertThrows(PageLostException.class, action::run);
        } finally {
            isDue = false;
        }
    }

    static void opening(Path directory) {
        try (Store store = Store.open(directory, OPTIONS)) {
            store.put(bytes("key"), bytes("value"));
        }
        assertLost(() -> Store.open(directory, OPTIONS).close());
        try (Store store = Store.open(directory, OPTIONS)) {
            assertArrayEquals(bytes("value"), store.getBytes(bytes("key")), "its lock was released");
        }
        long threads = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("penstock-"))
                .count();
        assertEquals(0, threads);
    }

    static void snapshot(Path directory) {
        try (Store store = Store.open(directory, OPTIONS)) {
            store.put(bytes("key"), new byte[1 << 20]);
            assertLost(() -> store.snapshot().close());
            assertEquals(
                    List.of(),
                    StoreAccess.engine(store).segments.largeSegments().stream()
                            .filter(LargeSegment::isHeld)
                            .toList());
        }
    }

    static void stream(Path directory) throws IOException {
        try (Store store = Store.open(directory, OPTIONS)) {
            assertLost(() -> store.putStream(bytes("key"), 1 << 20).close());
            try (Stream<Path> files = Files.list(directory)) {
                assertEquals(
                        0,
                        files.filter(file -> file.toString().endsWith(".value")).count());
            }
        }
    }
}
