package dev.penstock.store;

import dev.penstock.store.internal.engine.Engine;
import dev.penstock.store.internal.format.RecordHeader;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.read.ReadPath;
import dev.penstock.store.internal.segment.RecordScanner;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.snapshot.PointInTime;
import java.util.Arrays;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Walks along the log as of one moment, from one current record to the next. Holds a lease on the value of the current
 * record. One thread at a time.
 */
final class EntryCursor implements AutoCloseable {

    private final Engine engine;
    private final PointInTime point;
    private final ReadPath reads;
    private final Iterator<Segment> segments;
    private @Nullable Walk walk;
    private byte[] key = {};
    private ValueView value = new ValueView();
    private boolean closed;
    /** For an exception. */
    private final String reading;

    /** A segment and the position of the walk in it. */
    private record Walk(Segment segment, RecordScanner records) {}

    EntryCursor(Engine engine, PointInTime point, ReadPath reads) {
        this.engine = engine;
        this.reading = "reading " + engine.path;
        this.point = point;
        this.reads = reads;
        this.segments = point.segments().logSegments().iterator();
    }

    /** Closes the value of the current entry and steps to the next one; false if there is none. */
    boolean next() {
        if (closed) {
            throw new StoreClosedException("the entries are closed");
        }
        value.close();
        engine.checkOpen();
        point.beginUse();
        try {
            return engine.errors().call(reading, this::step);
        } finally {
            point.endUse();
        }
    }

    private boolean step() {
        for (Walk at = walk != null ? walk : nextSegment(); at != null; at = nextSegment()) {
            RecordScanner records = at.records();
            while (records.next()) {
                if (show(records.header(), records.position())) {
                    return true;
                }
            }
            refuseDamage(at);
        }
        return false;
    }

    /** Goes on in the next segment; null if there is none. */
    private @Nullable Walk nextSegment() {
        walk = null;
        if (!segments.hasNext()) {
            return null;
        }
        Segment segment = segments.next();
        long base = point.segments().position(segment.number(), 0);
        RecordScanner records = new RecordScanner(
                        segment.memory(), base, engine.salt(), SegmentHeader.LENGTH, point.end(segment))
                .readingAhead();
        Walk next = new Walk(segment, records);
        walk = next;
        return next;
    }

    private static void refuseDamage(Walk at) {
        RecordScanner records = at.records();
        if (records.end() == RecordScanner.End.DAMAGED) {
            throw new CorruptionException(at.segment().name(), records.offset(), records.problem());
        }
    }

    /** Whether the record is the current one of its key and has not expired; its value is open then. */
    private boolean show(RecordHeader header, long position) {
        boolean ofKey = header.kind() == RecordLayout.VALUE || header.kind() == RecordLayout.REFERENCE;
        if (!ofKey || !isCurrent(header, position)) {
            return false;
        }
        // A new view for each entry: a view that is kept too long must not show another entry's value.
        ValueView view = new ValueView();
        if (!reads.bindPinned(position, view)) {
            return false;
        }
        value = view;
        int keyEnd = RecordLayout.KEY_OFFSET + header.keyLength();
        key = Arrays.copyOfRange(header.bytes(), RecordLayout.KEY_OFFSET, keyEnd);
        return true;
    }

    private boolean isCurrent(RecordHeader header, long position) {
        long hash = point.directory().hash(header.bytes(), RecordLayout.KEY_OFFSET, header.keyLength());
        return position == point.directory().find(hash, header.bytes(), RecordLayout.KEY_OFFSET, header.keyLength());
    }

    Entry entry() {
        return new Entry(key, value);
    }

    byte[] key() {
        return key;
    }

    ValueView value() {
        return value;
    }

    @Override
    public void close() {
        closed = true;
        value.close();
    }
}
