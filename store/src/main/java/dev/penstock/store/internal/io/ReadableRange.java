package dev.penstock.store.internal.io;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A range of addresses that can be read at every moment, whatever is mapped there: a file, memory, or nothing, which
 * reads as zeros. Readers can therefore use plain addresses, and a reader that is late, or that follows a damaged
 * number, reads something that does not fit instead of ending the process.
 *
 * <p><b>How.</b> The range is reserved as a private read-only mapping without memory behind it. What is put into it
 * replaces a part of that mapping in one system call ({@code MAP_FIXED}), and so does what takes it out again. Nothing
 * is ever unmapped, and nothing in it is ever inaccessible. A kernel may remove the old mapping and then fail to create
 * the new one, so the zeros are mapped again after every failure. After the range, {@value #MARGIN} more bytes read as
 * zeros or as another range, for records that seem to begin near its end.
 *
 * <p><b>Reuse.</b> A released range is reused for the next request of its length. A reader may therefore find another
 * store's bytes, unless it holds a lease that keeps the range. A reader of a store that is being closed checks after
 * its last read whether the store is closed.
 *
 * <p><b>Stores</b> through an address would be as dangerous as anywhere. There are none: writers use memory segments,
 * which end with their arena.
 *
 * <p>Thread-safe.
 */
public final class ReadableRange {

    /** Bytes behind a range that can be read, too. */
    public static final long MARGIN = NativeMemory.HUGE_PAGE_LENGTH;

    private static final long LONGEST_OF_SEVERAL = 1L << 30;
    private static final int SEVERAL = 16;

    private static final boolean AVAILABLE =
            Posix.isAvailable() && ProcessLimit.of(ProcessLimit.ADDRESS_SPACE).orElse(0) == Long.MAX_VALUE;

    @GuardedBy("RELEASED")
    private static final AddressBudget BUDGET = new AddressBudget();

    /** Addresses of released ranges by their length. */
    @GuardedBy("RELEASED")
    private static final Map<Long, Queue<Long>> RELEASED = new HashMap<>();

    private final long address;
    private final long length;

    @GuardedBy("RELEASED")
    private boolean released;

    private ReadableRange(long address, long length) {
        this.address = address;
        this.length = length;
    }

    /**
     * Whether there is anything that {@link #reserve} can reserve. Where the process may have only so many addresses,
     * others need them more.
     */
    public static boolean isAvailable() {
        return AVAILABLE;
    }

    /**
     * Reserves a range, of which all reads as zeros. It begins at a multiple of its length, or of a huge page if that
     * is less.
     *
     * @param length a power of two, at least the size of a page
     * @return null if there is none: no native access, another system, a limit on the address space of the process, or
     *     ranges have half of it already
     */
    public static @Nullable ReadableRange reserve(long length) {
        if (!isAvailable()) {
            return null;
        }
        synchronized (RELEASED) {
            Queue<Long> released = releasedOf(length);
            if (released.isEmpty()) {
                reserveSeveral(length, released);
            }
            return released.isEmpty() ? null : new ReadableRange(released.remove(), length);
        }
    }

    @GuardedBy("RELEASED")
    private static Queue<Long> releasedOf(long length) {
        Queue<Long> released = RELEASED.get(length);
        if (released == null) {
            released = new ArrayDeque<>();
            RELEASED.put(length, released);
        }
        return released;
    }

    /** Short ranges are reserved several at a time, so that little is lost to alignment. */
    @GuardedBy("RELEASED")
    private static void reserveSeveral(long length, Queue<Long> addresses) {
        boolean isShort = length <= LONGEST_OF_SEVERAL;
        long alignment = isShort ? length : NativeMemory.HUGE_PAGE_LENGTH;
        int count = isShort ? SEVERAL : 1;
        long wanted = count * length + MARGIN + alignment;
        long reserved = BUDGET.allows(wanted) ? PosixMemory.reserve(wanted) : 0;
        if (reserved > 0) {
            BUDGET.take(reserved, wanted);
            long first = reserved + alignment - 1 & -alignment;
            for (int i = 0; i < count; i++) {
                addresses.add(first + i * length);
            }
        }
    }

    /** The address of the first byte. */
    public long address() {
        return address;
    }

    /** Bytes from the first to the last. */
    public long length() {
        return length;
    }

    /**
     * Puts zeroed memory into a part of the range, which stays there until the range is released.
     *
     * @param arena bounds the use of what is returned
     * @throws OutOfMemoryError if there is no memory; the part reads as zeros then
     */
    @SuppressWarnings("restricted")
    public MemorySegment commit(long offset, long partLength, Arena arena) {
        checkPart(offset, partLength);
        if (!PosixMemory.commit(address + offset, partLength)) {
            PosixMemory.clear(address + offset, partLength);
            throw new OutOfMemoryError("mapping " + partLength + " bytes of memory failed");
        }
        return MemorySegment.ofAddress(address + offset).reinterpret(partLength, arena, null);
    }

    /**
     * Puts the beginning of an open file into the beginning of the range. When the arena is closed the range is
     * released.
     *
     * @return null if it cannot be mapped; the range reads as zeros then, and still belongs to the caller
     */
    @SuppressWarnings("restricted")
    @Nullable
    MemorySegment map(int descriptor, long fileLength, boolean writable, Arena arena) {
        checkPart(0, fileLength);
        if (!PosixMemory.mapShared(descriptor, address, fileLength, writable)) {
            PosixMemory.clear(address, fileLength);
            return null;
        }
        MemorySegment memory = MemorySegment.ofAddress(address).reinterpret(fileLength, arena, new Release());
        return writable ? memory : memory.asReadOnly();
    }

    /** What the closing of an arena does. */
    private final class Release implements Consumer<MemorySegment> {

        @Override
        public void accept(MemorySegment memory) {
            release();
        }
    }

    private void checkPart(long offset, long partLength) {
        synchronized (RELEASED) {
            if (released) {
                throw new IllegalStateException("the range was released");
            }
        }
        if (offset < 0 || partLength < 0 || partLength > length - offset) {
            throw new IndexOutOfBoundsException(partLength + " bytes at " + offset + " of a range of " + length);
        }
    }

    /** Takes out all that is in the range, which may be another's from now on. Idempotent. */
    public void release() {
        synchronized (RELEASED) {
            if (released) {
                return;
            }
            released = true;
        }
        // Without memory for the kernel's own tables all stays as it is, and nobody gets the range.
        if (PosixMemory.clear(address, length)) {
            synchronized (RELEASED) {
                releasedOf(length).add(address);
            }
        }
    }
}
