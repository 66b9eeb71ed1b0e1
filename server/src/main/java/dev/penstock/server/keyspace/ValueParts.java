package dev.penstock.server.keyspace;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** A value in parts that are still in their sources: the previous value, an argument, a gap of zeros. */
public final class ValueParts {

    private static final MemorySegment ZEROS =
            MemorySegment.ofArray(new byte[1 << 20]).asReadOnly();

    private ValueParts() {}

    /** Appends zeros, which take no memory. */
    public static void addZeros(List<MemorySegment> parts, long length) {
        for (long left = length; left > 0; left -= ZEROS.byteSize()) {
            parts.add(ZEROS.asSlice(0, Math.min(left, ZEROS.byteSize())));
        }
    }

    public static List<MemorySegment> of(MemorySegment... parts) {
        List<MemorySegment> list = new ArrayList<>(parts.length);
        for (MemorySegment part : parts) {
            list.add(part);
        }
        return list;
    }

    public static long length(List<MemorySegment> parts) {
        long length = 0;
        for (MemorySegment part : parts) {
            length += part.byteSize();
        }
        return length;
    }

    /** A copy of all of them, one after another. */
    static byte[] gathered(List<MemorySegment> parts) {
        byte[] copy = new byte[Math.toIntExact(length(parts))];
        MemorySegment target = MemorySegment.ofArray(copy);
        long at = 0;
        for (MemorySegment part : parts) {
            MemorySegment.copy(part, 0, target, at, part.byteSize());
            at += part.byteSize();
        }
        return copy;
    }
}
