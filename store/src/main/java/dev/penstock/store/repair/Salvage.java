package dev.penstock.store.repair;

import dev.penstock.store.Store;
import dev.penstock.store.WriteOptions;
import dev.penstock.store.check.Finding.Severity;
import dev.penstock.store.check.FindingCode;
import dev.penstock.store.internal.format.FileNames;
import dev.penstock.store.internal.format.RecordHeader;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.format.ValueReference;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.io.CallersCode;
import dev.penstock.store.internal.io.DiskFile;
import dev.penstock.store.internal.io.NativeMemory;
import dev.penstock.store.internal.recovery.LargeValueCheck;
import dev.penstock.store.internal.segment.RecordScanner;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentSet;
import dev.penstock.store.repair.SegmentWalk.Gap;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import org.agrona.collections.LongHashSet;
import org.jspecify.annotations.Nullable;

/**
 * Copies what is current and sound in a damaged store to a new one, in the order of the log, and reports what is not.
 *
 * <p>One thread.
 */
final class Salvage {

    private final DamagedFiles files;
    private final SegmentSet segments;
    private final boolean strict;
    private final RepairListener listener;
    private final KeyDirectory directory;
    private final SegmentWalk walk;
    private final LogSurvey survey;
    private final LargeValueCheck valueCheck;
    private final long nowMillis;
    private final long totalBytes;

    private long doneBytes;
    private long salvagedBytes;
    private long doubtfulKeys;
    private long outdatedKeys;
    private long expiredKeys;
    private long lostValues;
    private long readableKeys;
    private long lossCount;

    Salvage(DamagedFiles files, KeyDirectory directory, boolean strict, long nowMillis, RepairListener listener)
            throws IOException {
        this.files = files;
        this.segments = files.segments;
        this.directory = directory;
        this.strict = strict;
        this.nowMillis = nowMillis;
        this.listener = listener;
        this.walk = new SegmentWalk(segments, files.identity.salt());
        this.survey = new LogSurvey(files, directory, walk);
        this.valueCheck = new LargeValueCheck(files.place, files.identity);
        long bytes = 0;
        for (Segment segment : segments.logSegments()) {
            bytes += 2 * segment.memory().byteSize();
        }
        for (long number : files.valueNumbers) {
            bytes += files.place.length(FileNames.largeValue(number));
        }
        this.totalBytes = bytes;
    }

    /** Runs once. */
    RepairReport run(Store target) throws IOException {
        survey.run(this::progress);
        files.losses.forEach(this::lost);
        survey.losses().forEach(this::lost);
        try (Evidence evidence = survey.doubt() == 0 ? null : Evidence.of(files)) {
            Copying copying = new Copying(evidence, new ValueCopy(target));
            for (Segment segment : segments.logSegments()) {
                walk.walk(segment, copying);
                progress(segment.memory().byteSize());
            }
            OrphanedValues orphans = new OrphanedValues(files, directory, walk, evidence, survey.doubt());
            orphans.find(copying.referenced);
            long recovered = copyOrphans(orphans, copying.values);
            return new RepairReport(
                    files.identity.storeId(),
                    target.count(),
                    salvagedBytes,
                    doubtfulKeys,
                    outdatedKeys,
                    expiredKeys,
                    recovered,
                    lostValues,
                    evidence == null ? survey.doubt() == 0 ? 0 : -1 : evidence.keyCount() - readableKeys,
                    lossCount);
        }
    }

    private void progress(long bytes) {
        doneBytes += bytes;
        CallersCode.report(listener, doneBytes, Math.max(totalBytes, doneBytes));
    }

    private void lost(Loss loss) {
        if (loss.code().severity() == Severity.CORRUPTION) {
            lossCount++;
        }
        CallersCode.run(() -> listener.lost(loss));
    }

    private long copyOrphans(OrphanedValues orphans, ValueCopy values) {
        long recovered = 0;
        for (OrphanedValues.Orphan orphan : orphans.found()) {
            if (!orphan.certain()) {
                doubtfulKeys++;
                CallersCode.run(() -> listener.doubtful(orphan.key(), orphan.file(), SegmentHeader.LENGTH));
                if (strict) {
                    continue;
                }
            }
            if (copyFromFile(
                    values, orphan.file(), orphan.key(), orphan.length(), orphan.checksum(), RecordLayout.NO_EXPIRY)) {
                recovered++;
                salvagedBytes += orphan.length();
            } else if (orphan.certain()) {
                lostValues++;
            }
        }
        return recovered;
    }

    /** Copies a large value from its file; if that cannot be read or is damaged, reports it and returns false. */
    private boolean copyFromFile(ValueCopy values, String name, byte[] key, long length, int checksum, long expiry) {
        int commitWord = RecordLayout.commitWord(RecordLayout.LARGE_VALUE, key.length);
        long start = RecordLayout.valueOffset(SegmentHeader.LENGTH, commitWord, length);
        try (DiskFile file = files.place.open(name, false)) {
            boolean sound = values.copy(
                    key,
                    (offset, bytes, count) -> {
                        progress(count);
                        return file.read(ByteBuffer.wrap(bytes, 0, count), start + offset);
                    },
                    length,
                    checksum,
                    options(expiry));
            if (!sound) {
                lostFile(name, key, "the value does not match its checksum");
            }
            return sound;
        } catch (IOException unreadable) {
            lostFile(name, key, problem(unreadable));
            return false;
        }
    }

    private void lostFile(String name, byte[] key, String problem) {
        lost(new Loss(FindingCode.VALUE_FILE_DAMAGED, name, 0, 0, key, problem));
    }

    private static String problem(IOException unreadable) {
        return "the file cannot be read: " + unreadable;
    }

    private static WriteOptions options(long expiryMillis) {
        return expiryMillis == RecordLayout.NO_EXPIRY
                ? WriteOptions.defaults()
                : WriteOptions.defaults().expiresAt(Instant.ofEpochMilli(expiryMillis));
    }

    /** Copies the records that are current, and reports the gaps. */
    private final class Copying implements SegmentWalk.Visitor {

        private final @Nullable Evidence evidence;
        private final ValueCopy values;
        /** Large values that sound records refer to. */
        private final LongHashSet referenced = new LongHashSet();

        Copying(@Nullable Evidence evidence, ValueCopy values) {
            this.evidence = evidence;
            this.values = values;
        }

        @Override
        public void record(Segment segment, RecordScanner record) throws IOException {
            RecordHeader header = record.header();
            int kind = header.kind();
            if (kind != RecordLayout.VALUE && kind != RecordLayout.REFERENCE) {
                return;
            }
            if (kind == RecordLayout.REFERENCE) {
                referenced.add(header.referencedSegment());
            }
            long position = record.position();
            long hash = directory.hash(header.bytes(), RecordLayout.KEY_OFFSET, header.keyLength());
            boolean wasCurrent =
                    evidence != null && evidence.covers(hash, position) && evidence.wasCurrent(hash, position);
            readableKeys += wasCurrent ? 1 : 0;
            if (!directory.isCurrent(hash, position)) {
                return;
            }
            if (header.expiryMillis() != RecordLayout.NO_EXPIRY && header.expiryMillis() <= nowMillis) {
                expiredKeys++;
                return;
            }
            boolean doubtful = false;
            if (position < survey.doubt()) {
                boolean covered = evidence != null && evidence.covers(hash, position);
                if (covered && !wasCurrent) {
                    outdatedKeys++;
                    return;
                }
                doubtful = evidence == null || !covered || evidence.knownUpTo(hash) < survey.doubt();
            }
            copy(segment, record, doubtful);
        }

        private void copy(Segment segment, RecordScanner record, boolean doubtful) throws IOException {
            RecordHeader header = record.header();
            byte[] key = Arrays.copyOfRange(
                    header.bytes(), RecordLayout.KEY_OFFSET, RecordLayout.KEY_OFFSET + header.keyLength());
            if (doubtful) {
                doubtfulKeys++;
                CallersCode.run(() -> listener.doubtful(key, segment.name(), record.offset()));
                if (strict) {
                    return;
                }
            }
            if (header.kind() == RecordLayout.VALUE ? copyValue(segment, record, key) : copyLarge(record, key)) {
                salvagedBytes += header.valueLength();
            } else {
                lostValues++;
            }
        }

        private boolean copyValue(Segment segment, RecordScanner record, byte[] key) throws IOException {
            RecordHeader header = record.header();
            long start = record.valueOffset();
            long length = header.valueLength();
            MemorySegment memory = segment.memory();
            boolean sound = RecordLayout.isFrameSound(memory, start, length)
                    && values.copy(
                            key,
                            (offset, bytes, count) -> {
                                MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, start + offset, bytes, 0, count);
                                return count;
                            },
                            length,
                            header.valueChecksum() ^ record.salt(),
                            options(header.expiryMillis()));
            if (!sound) {
                lost(new Loss(
                        FindingCode.VALUE_DAMAGED,
                        segment.name(),
                        record.offset(),
                        record.length(),
                        key,
                        "the value does not match its checksum"));
            }
            return sound;
        }

        private boolean copyLarge(RecordScanner record, byte[] key) {
            RecordHeader header = record.header();
            ValueReference reference = ValueReference.of(header, record.salt());
            String name = FileNames.largeValue(reference.number());
            String problem;
            try {
                problem = valueCheck.problem(reference);
            } catch (IOException unreadable) {
                problem = problem(unreadable);
            }
            if (!problem.isEmpty()) {
                lostFile(name, key, problem);
                return false;
            }
            return copyFromFile(
                    values,
                    name,
                    key,
                    reference.valueLength(),
                    header.valueChecksum() ^ record.salt(),
                    header.expiryMillis());
        }

        @Override
        public void gap(Segment segment, Gap gap) {
            boolean isLost = survey.isLoss(segment, gap);
            boolean isEmpty = !gap.damaged() && gap.atEnd();
            if (isEmpty
                    && NativeMemory.skipZeros(segment.memory(), gap.offset())
                            == segment.memory().byteSize()) {
                return; // Nothing was written there; what should have been is reported as cut off.
            }
            String problem = gap.unfinished() ? "the writer of a batch did not complete it" : gap.problem();
            lost(new Loss(
                    isLost ? FindingCode.RECORDS_DAMAGED : FindingCode.TORN_TAIL,
                    segment.name(),
                    gap.offset(),
                    gap.length(),
                    legibleKey(segment, gap),
                    problem));
        }

        /** What the damaged header says that its key is. */
        private byte @Nullable [] legibleKey(Segment segment, Gap gap) {
            int commitWord = RecordLayout.commitWord(segment.memory(), gap.offset());
            int kind = RecordLayout.kind(commitWord);
            boolean hasKey = gap.damaged()
                    && RecordLayout.isPossible(commitWord)
                    && (kind == RecordLayout.VALUE || kind == RecordLayout.REFERENCE || kind == RecordLayout.TOMBSTONE)
                    && RecordLayout.headerLength(commitWord) <= gap.length();
            return hasKey ? segment.key(gap.offset()) : null;
        }
    }
}
