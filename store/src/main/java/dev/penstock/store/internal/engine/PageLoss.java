package dev.penstock.store.internal.engine;

import dev.penstock.store.PageLostException;
import dev.penstock.store.StoreException;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.io.FailureLatch;
import dev.penstock.store.internal.io.StoreLog;
import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.internal.segment.RecordFile;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentSet;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Decides what happens to a store when the system cannot supply a page of a mapped file. The JVM reports that as an
 * {@link InternalError} that does not name the place.
 *
 * <p><b>Finding the place.</b> Usually something has truncated a file, and its length shows it. The file that was being
 * read is checked first, then that of the key directory, then all others.
 *
 * <p><b>Scope.</b> A value or a sealed segment is {@linkplain RecordFile#poison poisoned}: compaction and sweeps skip
 * it, and the store continues. Every write needs the tail of the log and the key directory; without them the store
 * fails.
 *
 * <p>Thread-safe.
 */
final class PageLoss {

    private final Path path;
    private final SegmentSet segments;
    private final KeyDirectory directory;
    private final FailureLatch failure;
    private final Engine engine;

    /** @param engine knows which segment is appended to */
    PageLoss(Path path, SegmentSet segments, KeyDirectory directory, FailureLatch failure, Engine engine) {
        this.path = path;
        this.segments = segments;
        this.directory = directory;
        this.failure = failure;
        this.engine = engine;
    }

    /**
     * The exception to throw for a page that could not be supplied.
     *
     * @param suspect what was being read; null if nobody knows
     */
    StoreException exception(InternalError error, @Nullable RecordFile suspect) {
        if (suspect != null && isShort(suspect)) {
            return lost(suspect, error);
        }
        if (!directory.isReadable()) {
            return failure.set("a page of the key directory, in " + path + ", could not be supplied", error);
        }
        for (Segment segment : segments.logSegments()) {
            if (isShort(segment)) {
                return lost(segment, error);
            }
        }
        for (LargeSegment large : segments.largeSegments()) {
            if (isShort(large)) {
                return lost(large, error);
            }
        }
        return suspect == null
                ? new PageLostException(path.toString(), 0, "a page of one of its files could not be supplied", error)
                : lost(suspect, error);
    }

    private StoreException lost(RecordFile source, InternalError error) {
        long needed = neededLength(source);
        long length = length(source);
        String problem = length < needed
                ? "the file was cut short: it is " + length + " bytes long and should have " + needed
                : "a page could not be supplied; does its device fail?";
        long offset = Math.min(length, needed);
        if (engine.isTail(source)) {
            return failure.set(source.name() + " at offset " + offset + ", the end of the log: " + problem, error);
        }
        PageLostException lost = new PageLostException(source.name(), offset, problem, error);
        if (source.poison()) {
            StoreLog.get().log(System.Logger.Level.ERROR, lost.getMessage());
        }
        return lost;
    }

    private boolean isShort(RecordFile source) {
        return length(source) < neededLength(source);
    }

    /** How long the file must be for all that is read of it, and stored to it. */
    private long neededLength(RecordFile source) {
        return switch (source) {
            case LargeSegment large -> large.fileLength();
            case Segment segment -> engine.isTail(segment) ? segment.memory().byteSize() : segment.usedLength();
        };
    }

    /** Of a file that was closed meanwhile, and is of no interest any more, as long as can be. */
    private static long length(RecordFile source) {
        try {
            return source.file().size();
        } catch (IOException closed) {
            return Long.MAX_VALUE;
        }
    }
}
