package dev.penstock.store.internal.compaction;

import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;

/**
 * The files of retired segments. The checkpoint in place may need them still, so they go together, when there are enough of
 * them to be worth a new checkpoint, when there is no room left, and at the end of a compaction. What a crash leaves over
 * the next open removes; what could not be deleted the next compaction deletes, before it drops any record that says such a
 * file does not count.
 *
 * <p>One thread at a time.
 */
public final class RetiredFiles {

    /** Sees to it that no checkpoint in place needs a retired segment. */
    @FunctionalInterface
    public interface Release {

        void await() throws IOException;
    }

    private final SegmentFactory factory;
    private final LongPredicate isReleaseDue;
    private final Release release;
    private final List<String> names = new ArrayList<>();
    private long bytes;

    /** @param isReleaseDue whether so many bytes of files are worth a release */
    public RetiredFiles(SegmentFactory factory, LongPredicate isReleaseDue, Release release) {
        this.factory = factory;
        this.isReleaseDue = isReleaseDue;
        this.release = release;
    }

    /** The retirement of the segment is durable, and the segment no longer in the set. */
    void add(Segment segment) {
        names.add(segment.name());
        bytes += segment.usedLength();
    }

    boolean isEmpty() {
        return names.isEmpty();
    }

    void deleteIfDue() throws IOException {
        if (isReleaseDue.test(bytes)) {
            deleteAll();
        }
    }

    void deleteAll() throws IOException {
        if (names.isEmpty()) {
            return;
        }
        release.await();
        for (String name : names) {
            factory.delete(name);
        }
        factory.forceNames();
        names.clear();
        bytes = 0;
    }
}
