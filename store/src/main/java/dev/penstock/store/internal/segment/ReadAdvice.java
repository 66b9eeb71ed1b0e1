package dev.penstock.store.internal.segment;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Advises the kernel how much to read for a record that is not in memory. While the log fits in memory, the kernel
 * reads the surroundings too, which warms up a cold store in a fraction of the reads. If the log does not fit, the
 * kernel reads only the pages of the record, because each superfluous page evicts a useful one. Sequential scans read
 * ahead separately, see {@link RecordScanner#readingAhead}.
 *
 * <p>One thread at a time.
 */
public final class ReadAdvice {

    /** Number of no segment. */
    public static final long NONE = -1;

    /**
     * Of the memory of the machine, or of what it gives to this process and its like; the rest is for the heap and
     * others.
     */
    private static final double LOGS_SHARE = .75;
    /** So much is taken to fit anywhere: to ask takes some milliseconds the first time. */
    private static final long FITS_LENGTH = 512L << 20;

    private final SegmentSet segments;
    private final LongSupplier memoryBytes;
    private final long fitsLength;

    public ReadAdvice(SegmentSet segments) {
        this(segments, new MachineMemory(), FITS_LENGTH);
    }

    ReadAdvice(SegmentSet segments, LongSupplier memoryBytes, long fitsLength) {
        this.segments = segments;
        this.memoryBytes = memoryBytes;
        this.fitsLength = fitsLength;
    }

    private static final class MachineMemory implements LongSupplier {

        @Override
        public long getAsLong() {
            return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class)
                    .getTotalMemorySize();
        }
    }

    /** @param except number of a segment to leave as it is, or {@link #NONE} */
    public void give(long except) {
        List<Segment> log = segments.logSegments();
        long bytes = 0;
        for (Segment segment : log) {
            bytes += segment.memory().byteSize();
        }
        boolean around = bytes <= fitsLength || bytes <= LOGS_SHARE * memoryBytes.getAsLong();
        for (Segment segment : log) {
            if (segment.number() != except) {
                segment.readAround(around);
            }
        }
    }
}
