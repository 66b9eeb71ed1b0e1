package dev.penstock.store.internal.compaction;

import dev.penstock.store.internal.event.CompactionEvent;
import dev.penstock.store.internal.event.FlightRecording;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.log.GroupCommit;
import dev.penstock.store.internal.log.Log;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentSet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Retires segments that were emptied.
 *
 * <p><b>Crash argument.</b> They are retired in groups: the copies are forced, then a {@link RecordLayout#RETIRED}
 * record for each is forced, then the files are deleted, as soon as no checkpoint needs them (see {@link
 * RetiredFiles}). The groups follow each other in the log, whichever thread retires them.
 *
 * <p>One thread at a time; another thread retires a group for it concurrently.
 */
@SuppressWarnings("NonAtomicVolatileUpdate") // one thread counts
final class Retirement {

    /** The log always has space for this many retirements; see {@link Log}. */
    private static final int GROUP_COUNT = 256;

    /** A reader that takes longer delays the release of space, but not the compaction. */
    private static final long LONGEST_WAIT_FOR_ROOM_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long WAIT_FOR_ROOM_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final SegmentSet segments;
    private final RetiredFiles files;
    private final Log log;
    private final GroupCommit groupCommit;
    private final SingleTask aside;
    private final String storeName;

    private final List<Segment> emptied = new ArrayList<>();
    private long emptiedBytes;
    private long copiedBytes;
    private long copiedCount;
    private @Nullable CompactionEvent event;
    /** Emptied, and retired aside. */
    private List<Segment> retiring = List.of();
    /** Retired, and perhaps still held by readers. */
    private final List<Segment> unmapping = new ArrayList<>();

    private volatile long retiredCount;

    /**
     * @param thread runs what it is given, once
     * @param storeName for events
     */
    Retirement(
            SegmentSet segments,
            RetiredFiles files,
            Log log,
            GroupCommit groupCommit,
            Executor thread,
            String storeName) {
        this.segments = segments;
        this.files = files;
        this.log = log;
        this.groupCommit = groupCommit;
        this.aside = new SingleTask(thread);
        this.storeName = storeName;
    }

    /** A segment is about to be emptied. */
    void begin() {
        if (emptied.isEmpty() && event == null && FlightRecording.isOn()) {
            event = CompactionEvent.start();
        }
    }

    /** A segment is empty. */
    void add(SegmentEvacuation evacuation) {
        emptied.add(evacuation.segment());
        emptiedBytes += evacuation.segment().usedLength();
        copiedBytes += evacuation.movedBytes();
        copiedCount += evacuation.movedCount();
    }

    /** Whether a segment is empty, and its retirement comes before that of any that is emptied later. */
    boolean contains(Segment segment) {
        return emptied.contains(segment) || retiring.contains(segment);
    }

    boolean isEmpty() {
        return emptied.isEmpty();
    }

    /** Whether no more may be added before these are retired; there is space for two if not. */
    boolean isFull() {
        return emptied.size() >= GROUP_COUNT - 1;
    }

    /** Whether {@link #retireAside} would have to wait for the group before. */
    boolean isBusyAside() {
        return aside.isBusy();
    }

    /** Bytes of the segments that are still to be retired. */
    long emptiedBytes() {
        return emptiedBytes;
    }

    /** Bytes that were copied out of them. */
    long copiedBytes() {
        return copiedBytes;
    }

    /** Segments retired since the store was opened. */
    long retiredCount() {
        return retiredCount;
    }

    /** Retires what was added. */
    void retireAll() throws IOException {
        if (!emptied.isEmpty()) {
            retire(emptied);
            retired();
        }
    }

    /**
     * Retires the added segments while others are added.
     *
     * @param mostWaiting if the files that cannot go yet take more, a checkpoint is requested
     */
    void retireAside(long mostWaiting) throws IOException {
        settle();
        List<Segment> group = List.copyOf(emptied);
        retiring = group;
        aside.begin(() -> {
            retire(group);
            files.deleteReleased(mostWaiting);
        });
        retired();
    }

    /**
     * Waits for the concurrent retirement. If it failed, segments emptied since are not retired, because they depend on
     * it.
     */
    void settle() throws IOException {
        boolean settled = false;
        try {
            aside.finish();
            settled = true;
        } finally {
            retiring = List.of();
            if (!settled) {
                forget();
            }
        }
    }

    private void retire(List<Segment> group) throws IOException {
        // Recovery believes a retirement before it has looked at the values in front of it.
        groupCommit.await();
        for (Segment segment : group) {
            log.appendSystem(RecordLayout.RETIRED, segment.number());
        }
        groupCommit.await();
        for (Segment segment : group) {
            files.add(segment);
            segments.remove(segment);
            segment.retire();
        }
    }

    private void retired() {
        unmapping.addAll(emptied);
        retiredCount += emptied.size();
        if (event != null) {
            event.store = storeName;
            event.bytesBefore = emptiedBytes;
            event.bytesAfter = copiedBytes;
            event.recordsMoved = copiedCount;
            event.segmentsRetired = emptied.size();
            event.commit();
            event = null;
        }
        forget();
    }

    private void forget() {
        emptied.clear();
        emptiedBytes = 0;
        copiedBytes = 0;
        copiedCount = 0;
    }

    /** Deletes the files of retired segments, those that nobody maps any more first of all. */
    void deleteReleased(long mostWaiting) throws IOException {
        unmapping.removeIf(Segment::isClosed);
        if (!files.isEmpty()) {
            files.deleteReleased(mostWaiting);
        }
    }

    /** Deletes all files of retired segments, and waits for their room: a file has it until nobody maps it any more. */
    void makeRoom() throws IOException {
        files.deleteAll();
        long deadlineNanos = System.nanoTime() + LONGEST_WAIT_FOR_ROOM_NANOS;
        for (Segment segment : unmapping) {
            while (!segment.isClosed() && System.nanoTime() - deadlineNanos < 0) {
                LockSupport.parkNanos(WAIT_FOR_ROOM_NANOS);
            }
        }
        unmapping.clear();
    }
}
