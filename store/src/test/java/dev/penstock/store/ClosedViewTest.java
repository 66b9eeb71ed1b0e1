package dev.penstock.store;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.penstock.store.transfer.ValueFrame;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** After the view or its store is closed, every method of the view says so. */
class ClosedViewTest {

    private interface Use {
        Object of(ValueView view) throws IOException;
    }

    private static final Map<String, Use> USES = new LinkedHashMap<>();

    static {
        USES.put("length", ValueView::length);
        USES.put("version", ValueView::version);
        USES.put("expiry", ValueView::expiry);
        USES.put("expiryMillis", ValueView::expiryMillis);
        USES.put("segment", ValueView::segment);
        USES.put("read", view -> view.read(MemorySegment::byteSize));
        USES.put("slice", view -> view.slice(0, 0));
        USES.put("getByte", view -> view.getByte(0));
        USES.put("getLong", view -> view.getLong(0, ByteOrder.BIG_ENDIAN));
        USES.put("toByteArray", ValueView::toByteArray);
        USES.put("copyTo", view -> view.copyTo(0, ByteBuffer.allocate(10)));
        USES.put("copyTo a full buffer", view -> view.copyTo(0, ByteBuffer.allocate(0)));
        USES.put("writeTo", view -> view.writeTo(sink()));
        USES.put("writeTo of nothing", view -> view.writeTo(sink(), 0, 0));
        USES.put("frame length", ValueFrame::lengthOf);
        USES.put("frame", ValueFrame::of);
        USES.put("frame copy", view -> ValueFrame.copy(view, 0, ByteBuffer.allocate(10)));
    }

    @TempDir
    Path directory;

    private static WritableByteChannel sink() {
        return Channels.newChannel(new ByteArrayOutputStream());
    }

    @ParameterizedTest
    @CsvSource({"100,false", "100,true", "300000,false", "300000,true"})
    void everyUseOfAViewAfterItOrItsStoreWasClosedSaysSo(int length, boolean verifyOnRead) throws IOException {
        StoreOptions options = StoreOptions.defaults().withSegmentSize(1 << 20).withVerifyOnRead(verifyOnRead);
        Store store = Store.open(directory, options);
        store.put(bytes("key"), random(length, 1));
        ValueView view = store.get(bytes("key"));
        for (Use use : USES.values()) {
            use.of(view);
        }
        ValueView closed = store.get(bytes("key"));
        closed.close();
        assertRefuses(closed);
        store.close();
        assertRefuses(view);
        view.close();
        assertRefuses(view);
        assertFalse(USES.isEmpty());
    }

    @Test
    void aStoreThatIsClosedWhileAFunctionReadsTheValueSaysSo() {
        Store store = Store.open(directory);
        store.put(bytes("key"), random(100, 1));
        ValueView view = store.get(bytes("key"));
        assertThrows(
                StoreClosedException.class,
                () -> view.read(value -> {
                    store.close();
                    return value.get(ValueLayout.JAVA_BYTE, 0);
                }));
    }

    @Test
    void anErrorOfTheFunctionThatReadsAValueReachesItsCaller() {
        try (Store store = Store.open(directory)) {
            store.put(bytes("key"), random(100, 1));
            try (ValueView view = store.get(bytes("key"))) {
                IllegalStateException thrown = new IllegalStateException("of the function");
                assertSame(
                        thrown,
                        assertThrows(
                                IllegalStateException.class,
                                () -> view.read(value -> {
                                    throw thrown;
                                })));
            }
        }
    }

    private static void assertRefuses(ValueView view) {
        USES.forEach((name, use) -> assertThrows(StoreClosedException.class, () -> use.of(view), name));
    }
}
