package dev.penstock.store.internal.io;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Memory outside the heap for one system call: where the error number goes, and what {@code statx} fills in. A call
 * takes one and gives it back, so that the calls of a force allocate nothing.
 *
 * <p>Some are kept, by the number of the thread. A thread that finds none makes one, and what finds no place afterwards
 * is garbage.
 */
final class CallMemory {

    private static final int KEPT_COUNT = 16;
    private static final AtomicReferenceArray<CallMemory> KEPT = new AtomicReferenceArray<>(KEPT_COUNT);

    final MemorySegment state;
    final MemorySegment status;

    private CallMemory(MemoryLayout stateLayout) {
        Arena arena = Arena.ofAuto();
        state = arena.allocate(stateLayout);
        status = arena.allocate(FileStatus.LENGTH, Long.BYTES);
    }

    /** Memory that belongs to the caller until it is returned. It holds bytes of an earlier call. */
    static CallMemory take() {
        CallMemory kept = KEPT.getAndSet(place(), null);
        return kept != null ? kept : new CallMemory(Linker.Option.captureStateLayout());
    }

    void giveBack() {
        KEPT.setRelease(place(), this);
    }

    private static int place() {
        return (int) Thread.currentThread().threadId() & KEPT_COUNT - 1;
    }
}
