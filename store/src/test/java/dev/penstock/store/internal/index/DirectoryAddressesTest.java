package dev.penstock.store.internal.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.penstock.store.StoreFullException;
import dev.penstock.store.internal.io.ReadableRange;
import dev.penstock.store.internal.segment.SegmentSet;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A key directory gives back its addresses, whatever becomes of it. */
class DirectoryAddressesTest {

    /** No other test uses ranges of this length. */
    private static final long LENGTH = 32L << 30;

    private static final SegmentSet NO_SEGMENTS = new SegmentSet(20);

    /** Has addresses, and no memory for them. */
    private static final class NoMemory implements IndexMemory {

        private final List<Long> reserved = new ArrayList<>();

        @Override
        public MemorySegment allocate(long length, Arena arena) {
            throw new OutOfMemoryError("none left");
        }

        @Override
        public ReadableRange reserve() {
            ReadableRange range = ReadableRange.reserve(LENGTH);
            reserved.add(range.address());
            return range;
        }

        @Override
        public MemorySegment commit(ReadableRange range, long offset, long length, Arena arena) {
            throw new OutOfMemoryError("none left");
        }
    }

    @Test
    void aDirectoryThatFindsNoMemoryKeepsNoAddresses() {
        assumeTrue(ReadableRange.isAvailable());
        NoMemory first = new NoMemory();
        assertThrows(StoreFullException.class, () -> new KeyDirectory(NO_SEGMENTS, 1, first));
        NoMemory second = new NoMemory();
        assertThrows(StoreFullException.class, () -> new KeyDirectory(NO_SEGMENTS, 1, second));
        assertEquals(first.reserved, second.reserved);
    }
}
