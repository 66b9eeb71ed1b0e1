package dev.penstock.store.internal.write;

import com.sun.management.OperatingSystemMXBean;
import dev.penstock.store.internal.reclaim.Reclaimer;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentSet;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.agrona.concurrent.Agent;

/**
 * Decides what the kernel reads when a record is asked for that is not in memory. Its surroundings as well, as long as the
 * log fits in memory: then a cold store becomes warm in a fraction of the reads. Just its pages where the log does not fit:
 * then each page that nobody asked for pushes out one that somebody will. Walks along the log read ahead by themselves, see
 * {@link dev.penstock.store.internal.segment.RecordScanner#readingAhead}.
 *
 * <p>Looks when there is a new segment, but not in the first moments of a store, which are busy enough. One thread.
 */
public final class ReadAround implements Agent {

    private static final long REST_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** Of the memory of the machine, or of what it gives to this process and its like; the rest is for the heap and others. */
    private static final double LOGS_SHARE = .75;

    private final SegmentSet segments;
    private final LongSupplier memoryBytes;
    private final Reclaimer.Schedule thread;
    private long restUntilNanos = System.nanoTime() + REST_NANOS;
    private long seenNumber = -1;

    /** @param thread the one that runs this */
    public ReadAround(SegmentSet segments, Reclaimer.Schedule thread) {
        this(segments, thread, ReadAround::memoryBytes);
    }

    ReadAround(SegmentSet segments, Reclaimer.Schedule thread, LongSupplier memoryBytes) {
        this.segments = segments;
        this.thread = thread;
        this.memoryBytes = memoryBytes;
    }

    private static long memoryBytes() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    }

    @Override
    public int doWork() {
        if (segments.newestNumber() != seenNumber) {
            long rest = restUntilNanos - System.nanoTime();
            if (rest <= 0) {
                look();
            } else {
                thread.lookAgainAfter(rest);
            }
        }
        return 0;
    }

    void look() {
        restUntilNanos = System.nanoTime() + REST_NANOS;
        seenNumber = segments.newestNumber();
        List<Segment> log = segments.logSegments();
        long bytes = log.stream().mapToLong(Segment::usedLength).sum();
        boolean around = bytes <= LOGS_SHARE * memoryBytes.getAsLong();
        for (Segment segment : log) {
            // What is appended to is in memory, and new pages come in more cheaply together.
            if (segment.number() != seenNumber) {
                segment.readAround(around);
            }
        }
    }

    @Override
    public String roleName() {
        return "read-around";
    }
}
