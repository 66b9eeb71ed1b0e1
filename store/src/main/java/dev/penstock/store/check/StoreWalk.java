package dev.penstock.store.check;

import dev.penstock.store.ProgressListener;
import dev.penstock.store.internal.format.RecordHeader;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.io.CallersCode;
import dev.penstock.store.internal.io.Disk;
import dev.penstock.store.internal.recovery.LogExtent;
import dev.penstock.store.internal.recovery.Replay;
import dev.penstock.store.internal.recovery.UnforcedValues;
import dev.penstock.store.internal.segment.ReadAdvice;
import dev.penstock.store.internal.segment.RecordScanner;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentSet;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Walks the log of a store without changing a byte, past any damage: where a record is not sound it searches on for the
 * next that is. What is sound goes through the same {@link Replay} that opens a store, so that both agree on what is
 * current.
 *
 * <p><b>Where the log ends.</b> Where opening the store ends it: at the first place that holds no sound record, unless
 * it is known that one was there. What lies behind was never acknowledged, since a write returns when all before it is
 * whole: it counts for nothing, neither as content nor as damage.
 *
 * <p>One thread, except for the values, which other threads compare ahead of it. May run beside the store's owner; it
 * then sees the log as far as it has come.
 */
final class StoreWalk implements AutoCloseable {

    /** What was counted in one segment. */
    static final class Tally {
        long recordCount;
        long tombstoneCount;
        boolean rolled;
        long successor;
    }

    private static final long NO_LIMIT = Long.MAX_VALUE;

    /** A stretch of a segment that holds no sound record, though one may follow. */
    record Gap(Segment segment, long offset, long length, boolean damaged, boolean atEnd, String problem) {}

    /**
     * Where the log ends.
     *
     * @param goesOn whether sound records lie behind
     * @param damaged whether what is at the offset is not a sound record
     */
    record LogEnd(Segment segment, long offset, boolean goesOn, boolean damaged, String problem) {

        boolean isTorn() {
            return goesOn || damaged;
        }
    }

    /** A record whose value does not match its checksum. */
    record UnsoundValue(Segment segment, long offset) {}

    final StoreFiles files;
    final KeyDirectory directory;
    final Replay replay;
    final List<Gap> gaps = new ArrayList<>();
    final Map<Segment, Tally> tallies = new HashMap<>();
    /** Only if values were requested, and only of what the log holds. */
    final List<UnsoundValue> unsoundValues = new ArrayList<>();

    /** Null if the log leads to a segment that is not there, or ends with damage. */
    private @Nullable LogEnd end;

    private final SegmentSet segments;
    private final long salt;
    private long durablePosition;

    static StoreWalk open(Disk disk, Path path) throws IOException {
        StoreFiles files = StoreFiles.open(disk, path);
        boolean opened = false;
        try {
            StoreWalk walk = new StoreWalk(files);
            opened = true;
            return walk;
        } finally {
            if (!opened) {
                files.close();
            }
        }
    }

    /** @param files closed with the walk */
    private StoreWalk(StoreFiles files) {
        this.files = files;
        this.segments = files.segments;
        this.salt = files.identity.salt();
        this.directory = new KeyDirectory(segments, salt);
        this.replay = new Replay(segments, directory);
        this.durablePosition = files.durablePosition();
    }

    /** All of the log below was on the device, as far as anything says. */
    long durablePosition() {
        return durablePosition;
    }

    /** What was counted in a segment of the log, all of which are walked. */
    Tally tally(Segment segment) {
        return Objects.requireNonNull(tallies.get(segment), segment.name());
    }

    /** Where the log ends; null if it leads to a segment that is not there, or ends with damage. */
    @Nullable
    LogEnd end() {
        return end;
    }

    /**
     * The segment that the log ends in: if that is at the end of a file, the last with a record, or the one it leads on
     * to.
     */
    Segment tail() {
        if (end != null) {
            return end.segment();
        }
        List<Segment> log = segments.logSegments();
        int last = log.size() - 1;
        while (last > 0 && tally(log.get(last)).recordCount == 0) {
            last--;
        }
        boolean leadsOn = tally(log.get(last)).rolled && last + 1 < log.size();
        return log.get(leadsOn ? last + 1 : last);
    }

    /** Whether it is known that a sound record was there. */
    private boolean isDamage(Gap gap) {
        return position(gap.segment(), gap.offset()) < durablePosition || gap.damaged() && files.sameBoot;
    }

    private long position(Segment segment, long offset) {
        return segments.position(segment.number(), offset);
    }

    /**
     * Walks the log; returns the bytes read.
     *
     * @param comparingThreads how many threads compare values with their checksums; with 0 nobody does
     */
    long walk(int comparingThreads, ProgressListener listener) throws IOException {
        long total = files.totalBytes();
        // A record that replaces another has the key of that one compared, wherever it is.
        new ReadAdvice(segments).give(ReadAdvice.NONE);
        long done = comparingThreads > 0
                ? walkComparing(comparingThreads, total, listener)
                : walkOnce(NO_LIMIT, null, total, listener);
        // Marks count wherever they are: only now is it known what was durable.
        while (findEnd()) {
            walkAgain(total);
        }
        if (dropRetired()) {
            walkAgain(total);
        }
        if (end != null) {
            gaps.removeIf(gap -> !isDamage(gap) || position(gap.segment(), gap.offset()) >= limit());
            unsoundValues.removeIf(value -> position(value.segment(), value.offset()) >= limit());
        }
        return done;
    }

    private long limit() {
        return end == null ? NO_LIMIT : position(end.segment(), end.offset());
    }

    private void walkAgain(long total) throws IOException {
        replay.reset();
        gaps.clear();
        tallies.clear();
        walkOnce(limit(), null, total, ProgressListener.NONE);
    }

    /** Looks where the log ends; whether what was walked goes beyond that. */
    private boolean findEnd() throws IOException {
        Optional<LogEnd> found = segments.logSegments().stream()
                .flatMap(segment -> endIn(segment).stream())
                .findFirst();
        if (found.isPresent() && position(found.get().segment(), found.get().offset()) < limit()) {
            end = found.get();
            if (end.goesOn()) {
                return true;
            }
        }
        OptionalLong unsound = files.sameBoot
                ? OptionalLong.empty()
                : new UnforcedValues(files.place, files.identity, segments, replay)
                        .firstUnsound(durablePosition, segments.logSegments().getLast());
        if (unsound.isPresent()) {
            end = new LogEnd(
                    segments.requireSegment(unsound.getAsLong()),
                    segments.offset(unsound.getAsLong()),
                    true,
                    true,
                    "value checksum does not match");
        }
        return unsound.isPresent();
    }

    /** Where the log ends in a segment, unless it leads to the next one or would if it were not damaged. */
    private Optional<LogEnd> endIn(Segment segment) {
        List<Gap> here = gaps.stream().filter(gap -> gap.segment() == segment).toList();
        Optional<Gap> torn = here.stream().filter(gap -> !isDamage(gap)).findFirst();
        if (torn.isPresent()) {
            Gap gap = torn.get();
            boolean goesOn = !gap.atEnd() || hasRecordBehind(segment);
            return Optional.of(new LogEnd(segment, gap.offset(), goesOn, gap.damaged(), gap.problem()));
        }
        boolean isWhole = here.isEmpty() && position(segment, segment.usedLength()) >= durablePosition;
        return tally(segment).rolled || !isWhole
                ? Optional.empty()
                : Optional.of(new LogEnd(
                        segment, segment.usedLength(), hasRecordBehind(segment), false, "the file ends here"));
    }

    private boolean hasRecordBehind(Segment segment) {
        return tallies.entrySet().stream()
                .anyMatch(each -> each.getKey().number() > segment.number() && each.getValue().recordCount > 0);
    }

    /** Emptied by a compaction that was stopped before it removed them: opening ignores them, so this does. */
    private boolean dropRetired() {
        boolean found = false;
        long first = LogExtent.begin(files.headers, tail().number()).orElse(0);
        for (Segment segment : segments.logSegments()) {
            if (LogExtent.isRetired(segment, replay.retired(), first)) {
                found = true;
                segments.remove(segment);
                segment.close();
            }
        }
        return found;
    }

    /** Other threads compare the values of the segments that come next. */
    private long walkComparing(int threadCount, long total, ProgressListener listener) throws IOException {
        try (ParallelChecks<Segment, ComparedValues> values =
                new ParallelChecks<>(segments.logSegments(), this::compareValues, threadCount)) {
            return walkOnce(NO_LIMIT, values, total, listener);
        }
    }

    private ComparedValues compareValues(Segment segment, LongConsumer read) {
        long end = segment.memory().byteSize();
        return ComparedValues.of(scanner(segment, SegmentHeader.LENGTH, end).readingAhead(), read);
    }

    private long walkOnce(
            long limit, @Nullable ParallelChecks<Segment, ComparedValues> values, long total, ProgressListener listener)
            throws IOException {
        long done = 0;
        for (Segment segment : segments.logSegments()) {
            walkSegment(segment, limit, values == null ? null : values.next(() -> {}));
            done += segment.memory().byteSize();
            CallersCode.report(listener, done, total);
        }
        durablePosition = Math.max(durablePosition, replay.durablePosition());
        return done;
    }

    /** Walks what lies below a limit of positions. */
    private void walkSegment(Segment segment, long limit, @Nullable ComparedValues values) {
        Tally tally = new Tally();
        tallies.put(segment, tally);
        segment.usedLength(SegmentHeader.LENGTH);
        long size = segment.memory().byteSize();
        long until = Math.clamp(limit - position(segment, 0), 0, size);
        long from = SegmentHeader.LENGTH;
        while (from < until && !tally.rolled) {
            RecordScanner records = scanner(segment, from, until).readingAhead();
            while (!tally.rolled && records.next()) {
                count(segment, records, tally, values);
            }
            long used = records.offset() + (tally.rolled ? records.length() : 0);
            segment.usedLength(used);
            if (tally.rolled || records.end() == RecordScanner.End.NONE) {
                return;
            }
            long next = nextSound(segment, used + RecordLayout.RECORD_ALIGNMENT);
            gaps.add(new Gap(
                    segment,
                    used,
                    next - used,
                    records.end() == RecordScanner.End.DAMAGED,
                    next == size,
                    records.problem()));
            from = next;
        }
    }

    RecordScanner scanner(Segment segment, long from, long until) {
        return new RecordScanner(segment.memory(), position(segment, 0), salt, from, until);
    }

    private void count(Segment segment, RecordScanner records, Tally tally, @Nullable ComparedValues values) {
        int kind = records.header().kind();
        replay.apply(segment, records);
        tally.recordCount++;
        if (kind == RecordLayout.TOMBSTONE) {
            tally.tombstoneCount++;
        } else if (kind == RecordLayout.ROLL) {
            tally.rolled = true;
            tally.successor = records.header().valueLength();
        }
        if (values != null && values.isUnsound(records)) {
            unsoundValues.add(new UnsoundValue(segment, records.offset()));
        }
    }

    /** Offset of the next sound record; the end of the segment if there is none. */
    private long nextSound(Segment segment, long from) {
        RecordScanner records = scanner(segment, from, segment.memory().byteSize());
        return records.search(from) ? records.offset() : segment.memory().byteSize();
    }

    /** Shows the sound records of a segment that count, in the order of offsets. After {@link #walk}. */
    void forEachRecord(Segment segment, Consumer<RecordScanner> visitor) {
        long until = Math.clamp(limit() - position(segment, 0), 0, segment.usedLength());
        RecordScanner records = scanner(segment, SegmentHeader.LENGTH, until).readingAhead();
        while (records.next()
                || records.end() != RecordScanner.End.NONE
                        && records.search(records.offset() + RecordLayout.RECORD_ALIGNMENT)) {
            visitor.accept(records);
        }
    }

    /** Bytes behind the last sound record of a segment that hold damage and no sound record. */
    long damageAtEnd(Segment segment, long end) {
        return gaps.stream()
                .filter(gap -> gap.segment() == segment && gap.offset() >= end)
                .mapToLong(Gap::length)
                .sum();
    }

    /** What a record stands for; a record of the log's own counts for itself. */
    SegmentMap.State state(RecordScanner record, long nowMillis) {
        RecordHeader header = record.header();
        int kind = header.kind();
        if (kind == RecordLayout.TOMBSTONE) {
            return SegmentMap.State.TOMBSTONE;
        }
        if (kind != RecordLayout.VALUE && kind != RecordLayout.REFERENCE) {
            return SegmentMap.State.LOG;
        }
        if (!isCurrent(record)) {
            return SegmentMap.State.DEAD;
        }
        long expiry = header.expiryMillis();
        return expiry != RecordLayout.NO_EXPIRY && expiry <= nowMillis
                ? SegmentMap.State.EXPIRED
                : SegmentMap.State.LIVE;
    }

    private boolean isCurrent(RecordScanner record) {
        RecordHeader header = record.header();
        long hash = directory.hash(header.bytes(), RecordLayout.KEY_OFFSET, header.keyLength());
        return directory.isCurrent(hash, record.position());
    }

    RecordSummary summary(Segment segment, RecordScanner record) {
        RecordHeader header = record.header();
        int start = RecordLayout.KEY_OFFSET;
        boolean isValue = header.kind() == RecordLayout.VALUE || header.kind() == RecordLayout.REFERENCE;
        return new RecordSummary(
                segment.name(),
                record.offset(),
                record.position(),
                record.length(),
                RecordKind.of(header.kind()),
                header.sequence(),
                Arrays.copyOfRange(header.bytes(), start, start + header.keyLength()),
                header.valueLength(),
                header.expiryMillis() == RecordLayout.NO_EXPIRY ? null : Instant.ofEpochMilli(header.expiryMillis()),
                header.kind() == RecordLayout.REFERENCE ? header.referencedSegment() : 0,
                isValue && isCurrent(record));
    }

    SegmentSummary summary(Segment segment) {
        Tally tally = tally(segment);
        return new SegmentSummary(
                segment.name(),
                segment == segments.logSegments().getLast() ? SegmentSummary.Kind.ACTIVE : SegmentSummary.Kind.SEALED,
                segment.memory().byteSize(),
                segment.usedLength(),
                segment.liveBytes().sum(),
                tally.recordCount,
                tally.tombstoneCount);
    }

    @Override
    public void close() throws IOException {
        directory.close();
        files.close();
    }
}
