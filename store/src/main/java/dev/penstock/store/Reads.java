package dev.penstock.store;

import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.reclaim.Leased;
import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.internal.segment.Segment;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.agrona.collections.LongArrayList;

/**
 * Reading: from a key to its record.
 *
 * <p>No lock is taken. A record is found through the key directory and then leased, or copied without a lease. What may
 * happen meanwhile is that compaction moves the record and its segment goes: the lookup then finds nothing at the old place,
 * or the memory refuses, and the read begins again. Only if the store was closed does that end in an exception.
 */
final class Reads {

    private final Engine engine;
    private final boolean verifyOnRead;

    Reads(Engine engine, boolean verifyOnRead) {
        this.engine = engine;
        this.verifyOnRead = verifyOnRead;
    }

    ValueView get(byte[] key, int offset, int length) {
        long hash = engine.directory.hash(key, offset, length);
        for (; ; ) {
            try {
                long position = engine.directory.find(hash, key, offset, length);
                if (position == 0) {
                    return null;
                }
                ValueView view = view(position);
                if (view != null) {
                    return view;
                }
            } catch (IllegalStateException released) {
                // Memory went while it was read: the store was closed, or compaction moved the record meanwhile.
                engine.checkOpen();
            } catch (InternalError e) {
                throw engine.pageLost(e);
            }
        }
    }

    long copyFrame(byte[] key, int offset, int length, ByteBuffer target, int maxLength) {
        long hash = engine.directory.hash(key, offset, length);
        for (; ; ) {
            try {
                long position = engine.directory.find(hash, key, offset, length);
                if (position == 0) {
                    return -1;
                }
                Segment segment = engine.segments.segment(position);
                if (segment != null) {
                    return verifyOnRead
                            ? copyVerified(key, offset, length, target, maxLength)
                            : copyFrame(segment, engine.segments.offset(position), target, maxLength);
                }
            } catch (IllegalStateException released) {
                engine.checkOpen();
            } catch (InternalError e) {
                throw engine.pageLost(e);
            }
        }
    }

    /** If the segment's memory goes meanwhile, that is an exception and the buffer's position is where it was. */
    private static long copyFrame(Segment segment, long recordOffset, ByteBuffer target, int maxLength) {
        MemorySegment memory = segment.memory();
        int commitWord = RecordLayout.commitWord(memory, recordOffset);
        long valueLength = RecordLayout.valueLength(memory, recordOffset);
        long frameLength = RecordLayout.frameLength(valueLength);
        if (RecordLayout.kind(commitWord) == RecordLayout.VALUE
                && frameLength <= Math.min(maxLength, target.remaining())) {
            long frame = RecordLayout.valueOffset(recordOffset, RecordLayout.keyLength(commitWord), valueLength)
                    - RecordLayout.framePrefixLength(valueLength);
            target.put(target.position(), segment.buffer(), (int) frame, (int) frameLength);
            target.position(target.position() + (int) frameLength);
        }
        return frameLength;
    }

    private long copyVerified(byte[] key, int offset, int length, ByteBuffer target, int maxLength) {
        try (ValueView view = get(key, offset, length)) {
            if (view == null) {
                return -1;
            }
            if (view.frameLength() <= Math.min(maxLength, target.remaining())) {
                view.copyFrameTo(0, target);
            }
            return view.frameLength();
        }
    }

    boolean contains(byte[] key, int offset, int length) {
        long hash = engine.directory.hash(key, offset, length);
        for (; ; ) {
            try {
                return engine.directory.find(hash, key, offset, length) != 0;
            } catch (IllegalStateException released) {
                engine.checkOpen();
            } catch (InternalError e) {
                throw engine.pageLost(e);
            }
        }
    }

    /** A leased view of the record at a position; null if it has moved since. */
    private ValueView view(long position) {
        Segment segment = engine.segments.segment(position);
        int lease = segment == null ? Leased.NO_LEASE : segment.acquire();
        if (lease == Leased.NO_LEASE) {
            return null;
        }
        boolean leased = false;
        try {
            long offset = engine.segments.offset(position);
            ValueView view = segment.kind(offset) == RecordLayout.VALUE
                    ? ValueView.of(engine, segment, offset, lease)
                    : largeView(segment, offset);
            leased = view != null && !view.isLarge();
            if (verifyOnRead && view != null) {
                view.verify();
            }
            return view;
        } finally {
            if (!leased) {
                segment.release(lease);
            }
        }
    }

    private ValueView largeView(Segment segment, long offset) {
        LargeSegment large = engine.segments.large(segment.referencedSegment(offset));
        int lease = large == null ? Leased.NO_LEASE : large.acquire();
        return lease == Leased.NO_LEASE ? null : ValueView.ofLarge(engine, large, lease);
    }

    long scan(long cursor, int minEntries, EntryVisitor visitor) {
        List<ValueView> views = new ArrayList<>();
        List<byte[]> keys = new ArrayList<>();
        LongArrayList positions = new LongArrayList();
        long next = cursor;
        int visited = 0;
        do {
            try {
                next = engine.directory.scan(next, positions, found -> leaseAll(found, keys, views));
                for (int i = 0; i < views.size(); i++) {
                    visitor.visit(keys.get(i), views.get(i));
                    visited++;
                }
            } catch (IllegalStateException released) {
                engine.checkOpen();
                throw released;
            } catch (InternalError e) {
                throw engine.pageLost(e);
            } finally {
                views.forEach(ValueView::close);
                views.clear();
                keys.clear();
            }
        } while (next != 0 && visited < minEntries);
        return next;
    }

    /** Under the lock of their stripe, where nothing can be retired that is current. */
    private void leaseAll(LongArrayList positions, List<byte[]> keys, List<ValueView> views) {
        for (int i = 0; i < positions.size(); i++) {
            long position = positions.getLong(i);
            keys.add(engine.segments.segment(position).key(engine.segments.offset(position)));
            views.add(view(position));
        }
    }
}
