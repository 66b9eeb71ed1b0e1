package dev.penstock.store.simulation;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The content of one file, whatever its name: what the process sees, what the device holds, and every version of each
 * page between the two.
 *
 * <p>Stores through a mapping go unseen; {@link #capture} finds the pages that they changed since it last looked. Bytes
 * after the end of the file are zero in every copy.
 *
 * <p>One thread.
 */
final class SimulatedFile implements SimulatedNode {

    static final int PAGE_LENGTH = 4096;
    /** Holds a small log segment, so that the memory of one never moves under a mapping. */
    private static final long MIN_CAPACITY = 1 << 17;

    private final Arena arena;
    private MemorySegment current = MemorySegment.NULL;
    /** As of the last capture. */
    private MemorySegment captured = MemorySegment.NULL;

    private MemorySegment durable = MemorySegment.NULL;
    private long length;
    private boolean mapped;
    private boolean changeable;

    /** Every version of each page that is not as on the device; the first one is the device's. */
    private final Map<Integer, List<byte[]>> versions = new TreeMap<>();
    /** Every length since the last force; the first one is the device's. */
    private final List<Long> lengths = new ArrayList<>(List.of(0L));

    SimulatedFile(Arena arena) {
        this.arena = arena;
        reserve(MIN_CAPACITY);
    }

    /** A file of which all is on the device. */
    static SimulatedFile durable(Arena arena, MemorySegment content) {
        SimulatedFile file = new SimulatedFile(arena);
        file.reserve(content.byteSize());
        file.length = content.byteSize();
        MemorySegment.copy(content, 0, file.current, 0, content.byteSize());
        file.capture(true);
        file.force();
        return file;
    }

    /** A file like another. */
    SimulatedFile(Arena arena, SimulatedFile original) {
        this.arena = arena;
        reserve(original.current.byteSize());
        current.copyFrom(original.current);
        captured.copyFrom(original.captured);
        durable.copyFrom(original.durable);
        length = original.length;
        changeable = original.changeable;
        original.versions.forEach((page, known) -> versions.put(page, new ArrayList<>(known)));
        lengths.clear();
        lengths.addAll(original.lengths);
    }

    private void reserve(long capacity) {
        if (capacity > current.byteSize()) {
            if (mapped) {
                throw new IllegalStateException("a file grows under its mapping");
            }
            current = grown(current, capacity);
            captured = grown(captured, capacity);
            durable = grown(durable, capacity);
        }
    }

    private MemorySegment grown(MemorySegment memory, long capacity) {
        long pages = (capacity + PAGE_LENGTH - 1) / PAGE_LENGTH;
        MemorySegment larger = arena.allocate(pages * PAGE_LENGTH, PAGE_LENGTH);
        return larger.copyFrom(memory);
    }

    // --- what the process does ---

    long length() {
        return length;
    }

    void allocate(long size) {
        if (size > length) {
            resize(size);
        }
    }

    void truncate(long size) {
        if (size < length) {
            current.asSlice(size, length - size).fill((byte) 0);
            changeable = true;
            resize(size);
        }
    }

    private void resize(long size) {
        reserve(size);
        length = size;
        lengths.add(size);
    }

    void write(MemorySegment source, long offset) {
        allocate(offset + source.byteSize());
        MemorySegment.copy(source, 0, current, offset, source.byteSize());
        changeable = true;
    }

    MemorySegment content() {
        return current.asSlice(0, length);
    }

    MemorySegment map(long mappedLength, boolean writable) {
        allocate(writable ? mappedLength : 0);
        mapped = true;
        changeable |= writable;
        MemorySegment memory = current.asSlice(0, mappedLength);
        return writable ? memory : memory.asReadOnly();
    }

    /** Keeps a version of every page that changed since the last call. */
    void capture() {
        capture(changeable);
    }

    private void capture(boolean mayHaveChanged) {
        long size = mayHaveChanged ? current.byteSize() : 0;
        for (long at = 0; at < size; ) {
            long different = MemorySegment.mismatch(current, at, size, captured, at, size);
            if (different < 0) {
                break;
            }
            int page = (int) ((at + different) / PAGE_LENGTH);
            List<byte[]> known = versions.computeIfAbsent(page, _ -> new ArrayList<>(List.of(page(durable, page))));
            known.add(page(current, page));
            MemorySegment.copy(current, offset(page), captured, offset(page), PAGE_LENGTH);
            at = offset(page + 1);
        }
        changeable &= mapped;
    }

    /** What was captured is on the device. */
    void force() {
        for (int page : versions.keySet()) {
            MemorySegment.copy(captured, offset(page), durable, offset(page), PAGE_LENGTH);
        }
        versions.clear();
        lengths.clear();
        lengths.add(length);
    }

    private static long offset(int page) {
        return (long) page * PAGE_LENGTH;
    }

    private static byte[] page(MemorySegment memory, int page) {
        return memory.asSlice(offset(page), PAGE_LENGTH).toArray(ValueLayout.JAVA_BYTE);
    }

    // --- what a power cut makes of it ---

    Map<Integer, List<byte[]>> versions() {
        return versions;
    }

    List<Long> lengths() {
        return lengths;
    }

    /** What the device holds, pages that {@link #suppose} changed included. */
    MemorySegment onDevice() {
        return durable;
    }

    /** Lets the device hold this version of a page, for a while. */
    void suppose(int page, byte[] content) {
        MemorySegment.copy(content, 0, durable, ValueLayout.JAVA_BYTE, offset(page), PAGE_LENGTH);
    }

    /** Ends what {@link #suppose} began. */
    void restore() {
        versions.forEach((page, known) -> suppose(page, known.getFirst()));
    }
}
