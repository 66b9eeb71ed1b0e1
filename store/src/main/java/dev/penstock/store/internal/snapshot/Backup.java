package dev.penstock.store.internal.snapshot;

import dev.penstock.store.BackupReport;
import dev.penstock.store.CorruptionException;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.internal.format.CheckpointHeader;
import dev.penstock.store.internal.format.Checksum;
import dev.penstock.store.internal.format.ExpiryMark;
import dev.penstock.store.internal.format.Identity;
import dev.penstock.store.internal.format.RecordHeader;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.io.CallersCode;
import dev.penstock.store.internal.io.DiskDirectory;
import dev.penstock.store.internal.io.DiskFile;
import dev.penstock.store.internal.recovery.BackupExchange;
import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.internal.segment.RecordFile;
import dev.penstock.store.internal.segment.Segment;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Writes a point in time to another directory, which is then a store like any other.
 *
 * <p>Sealed segments and large values never change. The backup shares them with the store by hard links if both are on
 * one file system, and with the previous backup; otherwise they are copied. The active segment is always copied, up to
 * the point in time.
 *
 * <p>The new backup is created inside the directory, beside the old one, is opened as a check, and replaces the old one
 * when it is complete and durable ({@link BackupExchange}). An interrupted backup leaves the old one unchanged. {@link
 * BackupTarget} decides what is never replaced.
 *
 * <p>One thread.
 */
public final class Backup {

    private static final int COMPARED_LENGTH = 4096;

    /** Opens a store as it would be opened later, and closes it. */
    @FunctionalInterface
    public interface Trial {

        void open(DiskDirectory directory) throws IOException;
    }

    private final DiskDirectory source;
    private final Identity identity;
    private final PointInTime point;
    private final long lastSequence;
    private final ExpiryMark expired;
    private final Trial trial;
    private final ProgressListener listener;

    @SuppressWarnings("NullAway.Init") // the run sets it first
    private DiskDirectory before;

    @SuppressWarnings("NullAway.Init") // the run sets it first
    private DiskDirectory partial;

    private long total;
    private long done;
    private long copied;
    private int fileCount;

    /**
     * @param source the store's directory
     * @param lastSequence of the newest record below the point in time, or a later one
     * @param expired what has expired by then
     */
    public Backup(
            DiskDirectory source,
            Identity identity,
            PointInTime point,
            long lastSequence,
            ExpiryMark expired,
            Trial trial,
            ProgressListener listener) {
        this.source = source;
        this.identity = identity;
        this.point = point;
        this.lastSequence = lastSequence;
        this.expired = expired;
        this.trial = trial;
        this.listener = listener;
    }

    /**
     * Runs once. All below the point in time has been forced before.
     *
     * @throws CorruptionException if a file of the store, or its copy, is incomplete
     */
    public BackupReport run(BackupTarget target) throws IOException {
        boolean exchanged = false;
        try {
            try (DiskDirectory made = target.begin()) {
                before = target.directory();
                partial = made;
                writeAll();
            }
            try (DiskDirectory made = target.partial()) {
                trial.open(made);
            }
            target.exchange();
            exchanged = true;
        } finally {
            if (!exchanged) {
                target.giveUp();
            }
        }
        return new BackupReport(fileCount, total, copied);
    }

    private void writeAll() throws IOException {
        List<Segment> log = point.segments().logSegments().stream()
                .filter(segment -> point.segments().position(segment.number(), 0) < point.position())
                .toList();
        total = log.stream().mapToLong(point::end).sum()
                + point.segments().largeSegments().stream()
                        .mapToLong(LargeSegment::fileLength)
                        .sum();
        for (Segment segment : log) {
            if (segment == log.getLast()) {
                copy(segment, point.end(segment));
                close(segment, point.end(segment));
            } else {
                share(segment, point.end(segment));
            }
            progress(point.end(segment));
        }
        for (LargeSegment large : point.segments().largeSegments()) {
            share(large, large.fileLength());
            progress(large.fileLength());
        }
        // A follower may have opened the store before its owner gave it the current format.
        write(Identity.FILE_NAME, identity.upgraded().encode());
        CheckpointHeader checkpoint =
                new CheckpointHeader(identity.storeId(), point.position(), lastSequence, expired, 0, 0);
        write(CheckpointHeader.FILE_NAME, checkpoint.encode());
        partial.force();
    }

    private void progress(long bytes) {
        fileCount++;
        done += bytes;
        CallersCode.report(listener, done, total);
    }

    private void share(RecordFile file, long length) throws IOException {
        if (file.file().size() < length) {
            throw cutShort(file, file.file().size(), length);
        }
        if (isLinked(before, file, length)) {
            return;
        }
        if (isLinked(source, file, length)) {
            try (DiskFile link = partial.open(file.name(), false)) {
                link.force();
            }
            return;
        }
        copy(file, length);
    }

    /**
     * False where the file is gone meanwhile, or lies on another file system, or may not be linked to, or is another
     * one: a number may be given again when what had it is gone.
     */
    private boolean isLinked(DiskDirectory from, RecordFile file, long length) throws IOException {
        try {
            from.link(file.name(), partial, file.name());
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
        if (isSame(file, length)) {
            return true;
        }
        partial.delete(file.name());
        return false;
    }

    /** Compares both ends: in the records there are sequences and checksums, by which no two are alike. */
    private boolean isSame(RecordFile file, long length) throws IOException {
        try (DiskFile link = partial.open(file.name(), false)) {
            return link.size() >= length
                    && isSame(file, 0, length, link)
                    && isSame(file, Math.max(0, length - COMPARED_LENGTH), length, link);
        }
    }

    private static boolean isSame(RecordFile file, long offset, long end, DiskFile link) throws IOException {
        ByteBuffer expected = ByteBuffer.allocate((int) Math.min(COMPARED_LENGTH, end - offset));
        ByteBuffer found = ByteBuffer.allocate(expected.capacity());
        file.file().read(expected, offset);
        if (expected.hasRemaining()) {
            throw cutShort(file, offset + expected.position(), end);
        }
        link.read(found, offset);
        return expected.flip().equals(found.flip());
    }

    private void copy(RecordFile file, long length) throws IOException {
        try (DiskFile copy = partial.create(file.name())) {
            BackupExchange.copy(file.file(), file.name(), length, copy);
        }
        copied += length;
    }

    private static CorruptionException cutShort(RecordFile file, long end, long length) {
        return BackupExchange.cutShort(file.name(), end, length);
    }

    /** Says in the copy of the last segment that the log ends there, as it does in one that was closed. */
    private void close(Segment last, long end) throws IOException {
        long position = point.segments().position(last.number(), end);
        byte[] record = new byte[RecordLayout.BARE_LENGTH];
        RecordHeader header = new RecordHeader();
        header.encodeBare(RecordLayout.CLOSED, lastSequence, 0, Checksum.salt(identity.salt(), position));
        header.store(MemorySegment.ofArray(record), 0);
        ByteBuffer bytes = ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(RecordLayout.COMMIT_WORD_OFFSET, RecordLayout.commitWord(RecordLayout.CLOSED, 0));
        try (DiskFile file = partial.open(last.name(), true)) {
            file.write(bytes, end);
            file.force();
        }
    }

    private void write(String name, byte[] content) throws IOException {
        try (DiskFile file = partial.create(name)) {
            file.write(ByteBuffer.wrap(content), 0);
            file.force();
        }
    }
}
