package dev.penstock.store;

import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.index.Lookahead;
import dev.penstock.store.internal.io.PageFaults;
import dev.penstock.store.internal.reclaim.Leased;
import dev.penstock.store.internal.segment.Expiry;
import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentSet;
import dev.penstock.store.internal.snapshot.PointInTime;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.agrona.collections.LongArrayList;

/**
 * Reading: from a key to its record.
 *
 * <p>No lock is taken. A record is found through the key directory and then leased, or copied without a lease. What may
 * happen meanwhile is that compaction moves the record and its segment goes: the lookup then finds nothing at the old place,
 * or the memory refuses, and the read begins again. Only if the store was closed does that end in an exception.
 */
final class Reads {

    /** A record that moved is found the next time; that it never is would be a bug, and is no reason to hang. */
    private static final int MAX_ATTEMPTS = 1000;

    /** Whoever has caught up so often finds no value missing, unless it is for good. */
    private static final int MOST_CATCHING_UP = 20;

    /** To choose a key by chance: so many can be looked at, and so many buckets. */
    private static final int FEW_KEYS = 512;

    private static final int MOST_BUCKETS = 1024;
    private static final long ABSENT = -1;

    private final Engine engine;
    private final KeyDirectory directory;
    private final SegmentSet segments;
    private final Expiry expiry;
    /** Null for what is there at the moment. */
    private final PointInTime point;

    private final boolean verifyOnRead;

    /** Reads what is there at the moment. */
    Reads(Engine engine, boolean verifyOnRead) {
        this(engine, engine.directory, engine.segments, engine.expiry, null, verifyOnRead);
    }

    /** Reads what was there at another moment, each time during a {@linkplain PointInTime#beginUse use} of it. */
    Reads(Engine engine, PointInTime point, Expiry expiry, boolean verifyOnRead) {
        this(engine, point.directory(), point.segments(), expiry, point, verifyOnRead);
    }

    private Reads(
            Engine engine,
            KeyDirectory directory,
            SegmentSet segments,
            Expiry expiry,
            PointInTime point,
            boolean verifyOnRead) {
        this.engine = engine;
        this.directory = directory;
        this.segments = segments;
        this.expiry = expiry;
        this.point = point;
        this.verifyOnRead = verifyOnRead;
    }

    /** Has the view show the value of a key; false, with the view closed, if there is none. */
    boolean get(byte[] key, int offset, int length, ValueView view) {
        view.close();
        return get(directory.hash(key, offset, length), key, offset, length, view, verifyOnRead);
    }

    /** The same, but the value is not verified: the view says whether that is still to be done. */
    boolean locate(byte[] key, int offset, int length, ValueView view) {
        view.close();
        return get(directory.hash(key, offset, length), key, offset, length, view, false);
    }

    private boolean get(long hash, byte[] key, int offset, int length, ValueView view, boolean verifies) {
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            long position = 0;
            try {
                position = directory.find(hash, key, offset, length);
                Outcome outcome = position == 0 ? Outcome.ABSENT : show(position, view, verifies);
                PageFaults.deliver();
                switch (outcome) {
                    case SHOWN -> {
                        return true;
                    }
                    case ABSENT, EXPIRED -> {
                        return false;
                    }
                    case MOVED -> engine.awaitMove(attempt);
                    case GONE -> catchUp(attempt);
                }
            } catch (IllegalStateException released) {
                // Memory went while it was read: the store was closed, or compaction moved the record meanwhile.
                engine.checkOpen();
            } catch (InternalError e) {
                throw lost(e, position, view);
            }
        }
        throw new CorruptionException(
                "the key directory", 0, "it names a value that is gone; close the store and open it again");
    }

    /** The owner of the store has removed a value whose file was not open here; its log says what the key has now. */
    private void catchUp(int attempt) {
        try {
            if (point != null || attempt >= MOST_CATCHING_UP) {
                throw new NoSuchFileException(
                        engine.path.toString(),
                        null,
                        "the owner of the store has removed the file of a large value that was to be read, and it was not"
                                + " kept open, since file descriptors are few: raise their limit (ulimit -n)");
            }
            engine.catchUp();
        } catch (IOException e) {
            throw StoreException.of("reading a large value of " + engine.path, e);
        }
    }

    private StoreException lost(InternalError e, long position, ValueView view) {
        StoreException lost = view.isClosed() ? engine.pageLost(e, position) : engine.pageLost(e, view.source());
        view.close();
        return lost;
    }

    /** Reads several keys, prefetching some at a time. */
    void getAll(List<byte[]> keys, ValueHandler handler) {
        Lookahead lookahead = directory.lookahead();
        ValueView view = new ValueView();
        for (int first = 0; first < keys.size(); first += lookahead.count()) {
            lookahead.clear();
            for (byte[] key : keys.subList(first, Math.min(keys.size(), first + Lookahead.CAPACITY))) {
                lookahead.add(directory.hash(key, 0, key.length));
            }
            prefetch(lookahead);
            for (int i = 0; i < lookahead.count(); i++) {
                byte[] key = keys.get(first + i);
                boolean found = get(lookahead.hash(i), key, 0, key.length, view, verifyOnRead);
                try {
                    handler.value(first + i, found ? view : null);
                } finally {
                    view.close();
                }
            }
        }
    }

    void prefetch(Lookahead lookahead) {
        try {
            lookahead.run();
            PageFaults.deliver();
        } catch (InternalError e) {
            throw engine.pageLost(e);
        }
    }

    long copyFrame(byte[] key, int offset, int length, ByteBuffer target, int maxLength) {
        long hash = directory.hash(key, offset, length);
        int start = target.position();
        for (; ; ) {
            long position = 0;
            try {
                position = directory.find(hash, key, offset, length);
                Segment segment = position == 0 ? null : segments.segment(position);
                long copied = segment == null
                        ? ABSENT
                        : verifyOnRead
                                ? copyVerified(key, offset, length, target, maxLength)
                                : copyFrame(segment, segments.offset(position), target, maxLength);
                PageFaults.deliver();
                if (segment != null || position == 0) {
                    return copied;
                }
            } catch (IllegalStateException released) {
                engine.checkOpen();
            } catch (InternalError e) {
                target.position(start);
                throw engine.pageLost(e, position);
            }
        }
    }

    /** If the segment's memory goes meanwhile, that is an exception and the buffer's position is where it was. */
    private long copyFrame(Segment segment, long recordOffset, ByteBuffer target, int maxLength) {
        MemorySegment memory = segment.memory();
        int commitWord = RecordLayout.publishedCommitWord(memory, recordOffset);
        if (expiry.hasPassed(memory, recordOffset, commitWord)) {
            return ABSENT;
        }
        long valueLength = RecordLayout.valueLength(memory, recordOffset);
        long frameLength = RecordLayout.frameLength(valueLength);
        if (RecordLayout.kind(commitWord) == RecordLayout.VALUE
                && frameLength <= Math.min(maxLength, target.remaining())) {
            long frame = RecordLayout.valueOffset(recordOffset, commitWord, valueLength)
                    - RecordLayout.framePrefixLength(valueLength);
            target.put(target.position(), segment.buffer(), (int) frame, (int) frameLength);
            target.position(target.position() + (int) frameLength);
        }
        return frameLength;
    }

    private long copyVerified(byte[] key, int offset, int length, ByteBuffer target, int maxLength) {
        try (ValueView view = new ValueView()) {
            if (!locate(key, offset, length, view)) {
                return ABSENT;
            }
            if (view.frameLength() <= Math.min(maxLength, target.remaining())) {
                view.verify();
                view.copyFrameTo(0, target);
            }
            return view.frameLength();
        }
    }

    boolean contains(byte[] key, int offset, int length) {
        long hash = directory.hash(key, offset, length);
        for (; ; ) {
            long position = 0;
            try {
                position = directory.find(hash, key, offset, length);
                Segment segment = position == 0 ? null : segments.segment(position);
                boolean there = segment != null && !hasExpired(segment, position);
                PageFaults.deliver();
                if (segment != null || position == 0) {
                    return there;
                }
            } catch (IllegalStateException released) {
                engine.checkOpen();
            } catch (InternalError e) {
                throw engine.pageLost(e, position);
            }
        }
    }

    private boolean hasExpired(Segment segment, long position) {
        long offset = segments.offset(position);
        MemorySegment memory = segment.memory();
        return expiry.hasPassed(memory, offset, RecordLayout.publishedCommitWord(memory, offset));
    }

    /** What became of showing the record at a position. */
    private enum Outcome {
        SHOWN,
        ABSENT,
        EXPIRED,
        /** Compaction moved it meanwhile, or a later write took its place: look it up again. */
        MOVED,
        /** A follower's: its owner has removed the value meanwhile. */
        GONE
    }

    /** Has the view show the record at a position; false if it has expired. The record is a current one, and stays. */
    boolean showPinned(long position, ValueView view) {
        return switch (show(position, view, verifyOnRead)) {
            case SHOWN -> true;
            case ABSENT, EXPIRED -> false;
            case GONE -> {
                catchUp(0);
                yield false;
            }
            case MOVED -> throw new CorruptionException("the snapshot", position, "the value of a record is gone");
        };
    }

    private Outcome show(long position, ValueView view, boolean verifies) {
        Segment segment = segments.segment(position);
        int lease = segment == null ? Leased.NO_LEASE : point == null ? segment.acquire() : point.holdLog();
        if (lease == Leased.NO_LEASE) {
            return Outcome.MOVED;
        }
        boolean kept = false;
        try {
            long offset = segments.offset(position);
            MemorySegment memory = segment.memory();
            // One behind the other, so that the checks of the memory are made once.
            int commitWord = RecordLayout.publishedCommitWord(memory, offset);
            long sequence = RecordLayout.sequence(memory, offset);
            long valueLength = RecordLayout.valueLength(memory, offset);
            long expiryMillis = RecordLayout.NO_EXPIRY;
            if (!RecordLayout.isLastingValue(commitWord)) {
                if (expiry.hasPassed(memory, offset, commitWord)) {
                    return Outcome.EXPIRED;
                }
                if (RecordLayout.kind(commitWord) == RecordLayout.REFERENCE) {
                    return showLarge(memory, offset, commitWord, view, verifies);
                }
                if (RecordLayout.kind(commitWord) != RecordLayout.VALUE) {
                    PageFaults.deliver();
                    throw new CorruptionException(segment.name(), offset, "this is no record of a key with a value");
                }
                expiryMillis = RecordLayout.expiryMillis(memory, offset, commitWord);
            }
            long valueOffset = RecordLayout.valueOffset(offset, commitWord, valueLength);
            view.show(engine, segment, valueOffset, valueLength, sequence, expiryMillis, lease);
            kept = true;
            if (verifyOnRead) {
                verify(view, offset, verifies);
            }
            return Outcome.SHOWN;
        } finally {
            if (!kept) {
                segment.release(lease);
            }
        }
    }

    private static void verify(ValueView view, long recordOffset, boolean verifies) {
        view.oweVerification(recordOffset);
        if (verifies) {
            view.verify();
        }
    }

    private Outcome showLarge(MemorySegment memory, long offset, int commitWord, ValueView view, boolean verifies) {
        LargeSegment large = segments.large(RecordLayout.referencedSegment(memory, offset, commitWord));
        if (large != null && large.isPoisoned()) {
            throw new PageLostException(
                    large.name(),
                    large.valueOffset(),
                    "a page of it could not be read earlier; restore the store from a backup",
                    null);
        }
        int lease = large == null ? Leased.NO_LEASE : point == null ? large.acquire() : large.hold();
        if (lease == Leased.NO_LEASE) {
            return Outcome.MOVED;
        }
        long sequence = RecordLayout.sequence(memory, offset);
        if (large.recordSequence() > sequence) {
            // A follower's: the number is another value's by now.
            large.release(lease);
            return Outcome.MOVED;
        }
        try {
            lease = large.keepOpen(lease);
        } catch (NoSuchFileException gone) {
            large.release(lease);
            return Outcome.GONE;
        } catch (IOException e) {
            large.release(lease);
            throw StoreException.of("opening " + large.name() + " of " + engine.path, e);
        } catch (StoreException e) {
            large.release(lease);
            throw e;
        }
        view.show(
                engine,
                large,
                large.valueOffset(),
                large.valueLength(),
                sequence,
                RecordLayout.expiryMillis(memory, offset, commitWord),
                lease);
        if (verifyOnRead) {
            verify(view, SegmentHeader.LENGTH, verifies);
        }
        return Outcome.SHOWN;
    }

    /**
     * Takes one of few keys out of all, and otherwise looks into one bucket after another, chosen by chance, as most of them
     * hold a key; in a store that has become almost empty, it goes on from such a place until there is one.
     */
    byte[] randomKey(RandomGenerator random) {
        List<byte[]> keys = new ArrayList<>();
        if (directory.count() > FEW_KEYS) {
            for (int i = 0; i < MOST_BUCKETS && keys.isEmpty(); i++) {
                scanKeys(random.nextLong(KeyDirectory.CURSOR_LIMIT), i < MOST_BUCKETS - 1 ? 0 : 1, keys::add);
            }
        }
        if (keys.isEmpty()) {
            scanKeys(0, FEW_KEYS, keys::add);
        }
        return keys.isEmpty() ? null : keys.get(random.nextInt(keys.size()));
    }

    long scan(long cursor, int minEntries, EntryVisitor visitor) {
        return scan(cursor, minEntries, visitor, verifyOnRead);
    }

    /** The same, but no value is verified. */
    long scanKeys(long cursor, int minEntries, Consumer<byte[]> visitor) {
        return scan(cursor, minEntries, (key, value) -> visitor.accept(key), false);
    }

    private long scan(long cursor, int minEntries, EntryVisitor visitor, boolean verifies) {
        List<ValueView> views = new ArrayList<>();
        List<byte[]> keys = new ArrayList<>();
        LongArrayList positions = new LongArrayList();
        long next = cursor;
        int visited = 0;
        int attempt = 0;
        boolean[] allShown = new boolean[1];
        do {
            try {
                allShown[0] = true;
                long after = directory.scan(
                        next, positions, found -> allShown[0] = areAllShown(found, keys, views, verifies));
                PageFaults.deliver();
                if (!allShown[0]) {
                    catchUp(attempt++);
                    continue;
                }
                next = after;
                attempt = 0;
                for (int i = 0; i < views.size(); i++) {
                    visitor.visit(keys.get(i), views.get(i));
                    visited++;
                }
                PageFaults.deliver();
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
        } while (attempt > 0 || next != 0 && visited < minEntries);
        return next;
    }

    /** Under the lock of their stripe, where nothing can be retired that is current. False if a value is gone. */
    private boolean areAllShown(LongArrayList positions, List<byte[]> keys, List<ValueView> views, boolean verifies) {
        for (int i = 0; i < positions.size(); i++) {
            long position = positions.getLong(i);
            ValueView view = new ValueView();
            Outcome outcome = show(position, view, verifies);
            if (outcome == Outcome.GONE) {
                return false;
            }
            if (outcome == Outcome.SHOWN) {
                keys.add(segments.segment(position).key(segments.offset(position)));
                views.add(view);
            }
        }
        return true;
    }
}
