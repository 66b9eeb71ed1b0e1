package dev.penstock.store.internal.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every address of a range, and of its margin, can be read at every moment. */
class ReadableRangeTest {

    private static final long LENGTH = 1 << 16;
    private static final long PAGE = 4096;

    @TempDir
    Path directory;

    @BeforeEach
    void hereOnly() {
        assumeTrue(ReadableRange.isAvailable());
    }

    @Test
    void aNewRangeReadsAsZerosUpToTheEndOfItsMargin() {
        for (long length : new long[] {PAGE, LENGTH, 64 << 20, 64L << 30}) {
            ReadableRange range = ReadableRange.reserve(length);
            assertEquals(0, range.address() % Math.min(length, NativeMemory.HUGE_PAGE_LENGTH));
            assertEquals(0, RawMemory.getLong(range.address()));
            assertEquals(0, RawMemory.getLong(range.address() + length - Long.BYTES));
            range.release();
        }
        ReadableRange range = ReadableRange.reserve(LENGTH);
        // Whatever lies there, it can be read.
        for (long at = 0; at <= LENGTH + ReadableRange.MARGIN - Long.BYTES; at += PAGE) {
            RawMemory.getLong(range.address() + at);
        }
        range.release();
    }

    @Test
    void noTwoRangesShareAnAddress() {
        Set<Long> pages = new HashSet<>();
        List<ReadableRange> ranges = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            ReadableRange range = ReadableRange.reserve(LENGTH);
            ranges.add(range);
            for (long at = 0; at < LENGTH; at += PAGE) {
                assertTrue(pages.add(range.address() + at), "shared");
            }
        }
        ranges.forEach(ReadableRange::release);
    }

    @Test
    void aReleasedRangeIsGivenToTheNextWithoutItsContent() {
        ReadableRange range = ReadableRange.reserve(LENGTH << 4);
        Arena arena = Arena.ofShared();
        MemorySegment memory = range.commit(PAGE, PAGE, arena);
        memory.fill((byte) 7);
        assertEquals(7, RawMemory.getByte(range.address() + PAGE));
        assertEquals(0, RawMemory.getByte(range.address() + 2 * PAGE));
        arena.close();
        range.release();
        Set<Long> seen = new HashSet<>();
        ReadableRange next = ReadableRange.reserve(LENGTH << 4);
        while (next.address() != range.address()) {
            assertTrue(seen.add(next.address()), "the released range comes again");
            next = ReadableRange.reserve(LENGTH << 4);
        }
        assertEquals(0, RawMemory.getByte(next.address() + PAGE));
    }

    @Test
    void aFileIsReadInItsRangeUntilTheArenaIsClosedAndThenItsZerosAre() throws IOException {
        try (DiskFile file = file(10_000)) {
            ReadableRange range = ReadableRange.reserve(LENGTH);
            Arena arena = Arena.ofShared();
            MemorySegment memory = file.map(10_000, true, range, arena);
            assertEquals(range.address(), memory.address());
            assertEquals(10_000, memory.byteSize());
            memory.set(ValueLayout.JAVA_BYTE, 9_999, (byte) 5);
            assertEquals(5, RawMemory.getByte(range.address() + 9_999));
            assertEquals(0, RawMemory.getByte(range.address() + LENGTH - 1));
            arena.close();
            assertEquals(0, RawMemory.getByte(range.address() + 9_999));
            assertThrows(IllegalStateException.class, () -> memory.get(ValueLayout.JAVA_BYTE, 0));
        }
    }

    @Test
    void nobodyStoresThroughAReadOnlyMapping() throws IOException {
        try (DiskFile file = file(PAGE);
                Arena arena = Arena.ofShared()) {
            ReadableRange range = ReadableRange.reserve(LENGTH);
            MemorySegment memory = file.map(PAGE, false, range, arena);
            assertNotNull(memory);
            assertThrows(IllegalArgumentException.class, () -> memory.set(ValueLayout.JAVA_BYTE, 0, (byte) 1));
        }
    }

    @Test
    void aFileThatIsTooShortIsNotMapped() throws IOException {
        try (DiskFile file = file(100);
                Arena arena = Arena.ofShared()) {
            ReadableRange range = ReadableRange.reserve(LENGTH);
            assertThrows(CutShortException.class, () -> file.map(PAGE, true, range, arena));
            assertEquals(0, RawMemory.getLong(range.address()));
            range.release();
        }
    }

    /** The addresses are another's by then. */
    @Test
    void aRangeThatIsReleasedTwiceTakesNothingFromItsNextOwner() throws IOException {
        try (DiskFile file = file(PAGE)) {
            ReadableRange range = ReadableRange.reserve(LENGTH << 5);
            Arena arena = Arena.ofShared();
            assertNotNull(file.map(PAGE, true, range, arena));
            range.release();
            List<ReadableRange> later = new ArrayList<>();
            do {
                later.add(ReadableRange.reserve(LENGTH << 5));
            } while (later.getLast().address() != range.address());
            try (Arena other = Arena.ofShared()) {
                assertNotNull(file.map(PAGE, true, later.getLast(), other));
                range.release();
                arena.close();
                assertEquals(1, RawMemory.getByte(range.address()));
                assertThrows(IllegalStateException.class, () -> range.commit(0, PAGE, other));
                assertEquals(1, RawMemory.getByte(range.address()));
                assertEquals(later.size(), later.stream().distinct().count());
                for (ReadableRange next : later) {
                    assertTrue(ReadableRange.reserve(LENGTH << 5).address() != next.address(), "given away twice");
                }
            }
        }
    }

    /** Kernels before 6.12 unmap what was there before they ask the file whether it can be mapped. */
    @Test
    void whereNothingCouldBeMappedThereAreZeros() {
        ReadableRange range = ReadableRange.reserve(LENGTH);
        try (Arena arena = Arena.ofShared()) {
            range.commit(0, PAGE, arena).fill((byte) 7);
            assertNull(range.map(-1, PAGE, true, arena));
            assertEquals(0, RawMemory.getByte(range.address()));
        }
        range.release();
    }

    @Test
    void noPartReachesBeyondItsRange() {
        ReadableRange range = ReadableRange.reserve(LENGTH);
        try (Arena arena = Arena.ofShared()) {
            assertThrows(IndexOutOfBoundsException.class, () -> range.commit(LENGTH - PAGE, 2 * PAGE, arena));
            assertThrows(IndexOutOfBoundsException.class, () -> range.commit(-PAGE, PAGE, arena));
            assertThrows(IndexOutOfBoundsException.class, () -> range.commit(PAGE, Long.MAX_VALUE, arena));
        }
        range.release();
    }

    @Test
    void aReaderSeesTheFileOrZerosWhileItIsMappedAndReleasedAgainAndAgain() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        AtomicBoolean wrong = new AtomicBoolean();
        try (DiskFile file = file(LENGTH)) {
            ReadableRange first = ReadableRange.reserve(LENGTH);
            long address = first.address();
            first.release();
            Thread reader = new Thread(() -> {
                for (long at = 0; !done.get(); at = at + 8 & LENGTH - 1) {
                    long found = RawMemory.getLong(address + at);
                    if (found != 0 && found != 0x0101010101010101L) {
                        wrong.set(true);
                    }
                }
            });
            reader.start();
            for (int i = 0; i < 2_000; i++) {
                ReadableRange range = ReadableRange.reserve(LENGTH);
                try (Arena arena = Arena.ofShared()) {
                    assertNotNull(file.map(LENGTH, true, range, arena));
                }
            }
            done.set(true);
            reader.join();
        }
        assertFalse(wrong.get());
    }

    /** All bytes are 1. */
    private DiskFile file(long length) throws IOException {
        DiskDirectory place = new SystemDisk().openDirectory(directory);
        DiskFile file = place.create("file");
        byte[] ones = new byte[(int) length];
        Arrays.fill(ones, (byte) 1);
        file.write(ByteBuffer.wrap(ones), 0);
        return file;
    }
}
