package dev.penstock.store.internal.compaction;

import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;

/**
 * The files of retired segments. The current checkpoint may still need them, so they are deleted when a checkpoint that
 * was begun later is in place. The next open removes files left by a crash, and a failed deletion is repeated.
 *
 * <p>One thread at a time changes it; any thread may read.
 */
public final class RetiredFiles {

    /** The checkpoints that files wait for. */
    public interface Checkpoints {

        /** How many were begun so far. */
        long begunCount();

        /** Which of them, counted from 1, is in place; 0 if none is. */
        long inPlace();

        /** Has one written in the background. */
        void request();

        /** Returns when none is in place that needs a segment which is retired now. */
        void release() throws IOException;

        /** Whether files that wait take so much room that it is worth one. */
        boolean isReleaseDue(long waitingBytes);
    }

    /** @param begunCount checkpoints that were begun before the segment was retired, and may need it */
    private record Waiting(long number, String name, long bytes, long begunCount) {}

    /** Of each file the kernel waits for the device, so that it takes several at a time. */
    private static final int DELETED_TOGETHER = 4;

    private final SegmentFactory factory;
    private final Checkpoints checkpoints;
    private final List<SingleTask> others;
    private final List<Waiting> waiting = new CopyOnWriteArrayList<>();
    private volatile long bytes;
    private volatile boolean isRequested;

    /** @param thread runs what it is given, once */
    public RetiredFiles(SegmentFactory factory, Checkpoints checkpoints, Executor thread) {
        this.factory = factory;
        this.checkpoints = checkpoints;
        List<SingleTask> tasks = new ArrayList<>();
        for (int i = 1; i < DELETED_TOGETHER; i++) {
            tasks.add(new SingleTask(thread));
        }
        this.others = List.copyOf(tasks);
    }

    /** The retirement of the segment is durable, and the segment no longer in the set. */
    void add(Segment segment) {
        waiting.add(new Waiting(segment.number(), segment.name(), segment.usedLength(), checkpoints.begunCount()));
        measure();
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Bytes of the files that are still there. */
    long bytes() {
        return bytes;
    }

    /** The lowest number of a segment whose file may still be there. */
    long lowestNumber() {
        return waiting.stream().mapToLong(Waiting::number).min().orElse(Long.MAX_VALUE);
    }

    /**
     * Deletes what no checkpoint needs, and asks for a new one if too much is left.
     *
     * @param most how many bytes may be left
     */
    void deleteReleased(long most) throws IOException {
        delete(waiting.stream()
                .filter(file -> file.begunCount() < checkpoints.inPlace())
                .toList());
        isRequested = !waiting.isEmpty() && (bytes > most || checkpoints.isReleaseDue(bytes));
        if (isRequested) {
            checkpoints.request();
        }
    }

    /** Whether it is worth looking again soon. */
    boolean isRequested() {
        return isRequested;
    }

    /** Deletes everything; waits for a new checkpoint, if there must be one. */
    void deleteAll() throws IOException {
        if (!waiting.isEmpty()) {
            checkpoints.release();
            delete(List.copyOf(waiting));
        }
    }

    private void delete(List<Waiting> files) throws IOException {
        if (files.isEmpty()) {
            return;
        }
        for (int first = 0; first < files.size(); first += DELETED_TOGETHER) {
            deleteTogether(files.subList(first, Math.min(files.size(), first + DELETED_TOGETHER)));
        }
        // Before any record goes that says such a file does not count.
        factory.forceNames();
        waiting.removeAll(files);
        measure();
    }

    private void deleteTogether(List<Waiting> files) throws IOException {
        for (int i = 1; i < files.size(); i++) {
            String name = files.get(i).name();
            others.get(i - 1).begin(() -> factory.delete(name));
        }
        IOException failed = null;
        try {
            factory.delete(files.getFirst().name());
        } catch (IOException e) {
            failed = e;
        }
        for (SingleTask other : others) {
            try {
                other.finish();
            } catch (IOException e) {
                failed = e;
            }
        }
        if (failed != null) {
            throw failed;
        }
    }

    private void measure() {
        bytes = waiting.stream().mapToLong(Waiting::bytes).sum();
    }
}
