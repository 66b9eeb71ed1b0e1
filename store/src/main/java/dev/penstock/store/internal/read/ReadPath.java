package dev.penstock.store.internal.read;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.PageLostException;
import dev.penstock.store.internal.format.CheckpointHeader;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.index.Lookahead;
import dev.penstock.store.internal.io.PageFaults;
import dev.penstock.store.internal.io.ReadableRange;
import dev.penstock.store.internal.io.StackReserve;
import dev.penstock.store.internal.reclaim.Leased;
import dev.penstock.store.internal.segment.Expiry;
import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.internal.segment.RecordFile;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentSet;
import dev.penstock.store.internal.snapshot.PointInTime;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reading: from a key to its record.
 *
 * <p>No lock is taken. A record is found through the key directory, and bound or copied, under a lease that begins
 * before: no memory on the way is released meanwhile. Compaction may move the record. The lookup then finds nothing at
 * the old place, and the read begins again. Memory goes only if the store is closed.
 *
 * <p>All reads of one key share one loop, {@link #read}, which bounds the attempts and translates exceptions of memory
 * and files into those of the store. It takes no lambda, so that a read allocates nothing.
 */
public final class ReadPath {

    /** A moved record is found at the next attempt. If it is never found, that is a bug, and the read must not hang. */
    private static final int MAX_ATTEMPTS = 1000;

    /** A follower that has caught up this many times and still misses a value misses it for good. */
    private static final int MOST_CATCHING_UP = 20;

    // What became of a record: a length, or one of these.
    static final long FOUND = 0;
    /** It is not there, or has expired. */
    static final long ABSENT = -1;
    /** Compaction moved it meanwhile, or a later write took its place: look it up again. */
    private static final long MOVED = -2;
    /** A follower's: its owner has removed the value meanwhile. */
    static final long GONE = -3;
    /** It takes the general way to tell. */
    static final long UNDECIDED = -4;

    private final ReadContext context;
    private final KeyDirectory directory;
    private final SegmentSet segments;
    private final Expiry expiry;
    /** Null for what is there at the moment. */
    private final @Nullable PointInTime point;

    private final boolean verifyOnRead;
    /** For an exception. */
    private final String reading;

    /** The short way; null where it is never open. */
    private final @Nullable ReadsByAddress byAddress;

    /** Reads what is there at the moment. */
    public ReadPath(ReadContext context, boolean verifyOnRead) {
        this(context, context.directory, context.segments, context.expiry, null, verifyOnRead);
    }

    /** Reads what was there at another moment, each time during a {@linkplain PointInTime#beginUse use} of it. */
    public ReadPath(ReadContext context, PointInTime point, Expiry expiry, boolean verifyOnRead) {
        this(context, point.directory(), point.segments(), expiry, point, verifyOnRead);
    }

    private ReadPath(
            ReadContext context,
            KeyDirectory directory,
            SegmentSet segments,
            Expiry expiry,
            @Nullable PointInTime point,
            boolean verifyOnRead) {
        this.context = context;
        this.directory = directory;
        this.segments = segments;
        this.expiry = expiry;
        this.point = point;
        this.verifyOnRead = verifyOnRead;
        this.reading = "reading " + context.path;
        this.byAddress =
                ReadableRange.isAvailable() && point == null && !verifyOnRead ? new ReadsByAddress(context) : null;
    }

    // --- one key ---

    /** Binds a cursor to the value of a key; false, with the cursor released, if there is none. */
    public boolean get(byte[] key, int offset, int length, RecordCursor cursor) {
        cursor.release();
        // As below, written out: each method more on the way is one that C2 may refuse to compile in line.
        long hash = directory.hash(key, offset, length);
        long outcome = byAddress == null ? UNDECIDED : byAddress.bind(hash, key, offset, length, cursor);
        return outcome == FOUND
                || outcome == UNDECIDED && read(hash, key, offset, length, cursor, verifyOnRead, null, 0) == FOUND;
    }

    /** The same, but the value is not verified: the cursor says whether that is still to be done. */
    public boolean locate(byte[] key, int offset, int length, RecordCursor cursor) {
        cursor.release();
        return locate(directory.hash(key, offset, length), key, offset, length, cursor);
    }

    private boolean locate(long hash, byte[] key, int offset, int length, RecordCursor cursor) {
        if (!verifyOnRead) {
            return get(hash, key, offset, length, cursor);
        }
        return read(hash, key, offset, length, cursor, false, null, 0) == FOUND;
    }

    private boolean get(long hash, byte[] key, int offset, int length, RecordCursor cursor) {
        long outcome = byAddress == null ? UNDECIDED : byAddress.bind(hash, key, offset, length, cursor);
        if (outcome != UNDECIDED) {
            return outcome == FOUND;
        }
        return read(hash, key, offset, length, cursor, verifyOnRead, null, 0) == FOUND;
    }

    /**
     * Copies the frame of a value, if it is short enough; see {@code Store.copyFrame}.
     *
     * @param cursors for a large value, or one to be verified
     */
    public <C extends RecordCursor> long copyFrame(
            byte[] key, int offset, int length, Supplier<C> cursors, ByteBuffer target, int maxLength) {
        long hash = directory.hash(key, offset, length);
        if (verifyOnRead) {
            return copyLeased(hash, key, offset, length, cursors.get(), target, maxLength);
        }
        long copied = byAddress == null ? UNDECIDED : byAddress.copyFrame(hash, key, offset, length, target, maxLength);
        if (copied != UNDECIDED) {
            return copied;
        }
        int start = target.position();
        long frameLength = read(hash, key, offset, length, null, false, target, maxLength);
        boolean isLarge = target.position() == start && frameLength <= Math.min(maxLength, target.remaining());
        return isLarge && frameLength != ABSENT
                ? copyLeased(hash, key, offset, length, cursors.get(), target, maxLength)
                : frameLength;
    }

    private long copyLeased(
            long hash, byte[] key, int offset, int length, RecordCursor scratch, ByteBuffer target, int maxLength) {
        if (!locate(hash, key, offset, length, scratch)) {
            return ABSENT;
        }
        try {
            long frameLength = scratch.boundFrameLength();
            if (frameLength <= Math.min(maxLength, target.remaining())) {
                scratch.verifyBound();
                scratch.copyFrame(target);
            }
            return frameLength;
        } finally {
            scratch.release();
        }
    }

    public boolean contains(byte[] key, int offset, int length) {
        long hash = directory.hash(key, offset, length);
        long outcome = byAddress == null ? UNDECIDED : byAddress.test(hash, key, offset, length);
        return (outcome == UNDECIDED ? read(hash, key, offset, length, null, false, null, 0) : outcome) == FOUND;
    }

    /**
     * The loop that all reads of one key go through. It binds the cursor, or copies the frame, or without the two looks
     * whether the key is there. Returns what that came to, or {@link #ABSENT}.
     *
     * @param verifies whether the value that the cursor is bound to is verified now
     */
    private long read(
            long hash,
            byte[] key,
            int offset,
            int length,
            @Nullable RecordCursor cursor,
            boolean verifies,
            @Nullable ByteBuffer target,
            int maxLength) {
        StackReserve.require();
        PageFaults.deliverCallers();
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            long position = 0;
            int start = target == null ? 0 : target.position();
            try {
                long outcome;
                int lease = context.leases.open();
                try {
                    VarHandle.acquireFence(); // no look at the directory before the lease
                    position = directory.find(hash, key, offset, length);
                    outcome = position == 0 ? ABSENT : apply(position, cursor, verifies, target, maxLength);
                    PageFaults.deliver();
                } finally {
                    context.leases.close(lease);
                }
                if (outcome >= ABSENT) {
                    return outcome;
                }
                if (outcome == MOVED) {
                    context.host.awaitMove(attempt);
                } else {
                    catchUp(attempt);
                }
            } catch (IllegalStateException released) {
                // Memory went while it was read: the store was closed.
                context.checkOpen();
            } catch (InternalError e) {
                if (target != null) {
                    target.position(start);
                    refuseLostTarget(e, position);
                }
                throw lost(e, position, cursor);
            }
        }
        throw new CorruptionException(
                "the key directory", 0, "it points at a value that does not exist" + CheckpointHeader.REMEDY);
    }

    private long apply(
            long position,
            @Nullable RecordCursor cursor,
            boolean verifies,
            @Nullable ByteBuffer target,
            int maxLength) {
        if (cursor != null) {
            return bind(position, cursor, verifies);
        }
        return target != null ? copyFrame(position, target, maxLength) : test(position);
    }

    /** The owner of the store has removed a value whose file was not open here; its log says what the key has now. */
    void catchUp(int attempt) {
        context.errors.call("reading a large value of " + context.path, () -> {
            if (point != null || attempt >= MOST_CATCHING_UP) {
                throw new NoSuchFileException(
                        context.path.toString(),
                        null,
                        "the owner removed the file of this large value before this reader opened it; few descriptors"
                                + " were free: raise ulimit -n");
            }
            context.host.catchUp();
            return true;
        });
    }

    /**
     * Throws the error of a page of the buffer that a frame is copied to, which is the caller's.
     *
     * @param position of the record that was being copied; 0 if none was found yet
     */
    private void refuseLostTarget(InternalError e, long position) {
        Segment segment = position == 0 ? null : segments.segment(position);
        if (segment != null && RecordPages.areReadable(segment, segments.offset(position))) {
            throw e;
        }
    }

    private RuntimeException lost(InternalError e, long position, @Nullable RecordCursor cursor) {
        if (cursor == null || !cursor.isBound()) {
            RecordFile suspect = position == 0 ? null : segments.segment(position);
            return context.host.errors(suspect).of(e);
        }
        RuntimeException lost = context.host.errors(cursor.source()).of(e);
        cursor.release();
        return lost;
    }

    // --- one record ---

    private long test(long position) {
        Segment segment = segments.segment(position);
        if (segment == null) {
            return MOVED;
        }
        long offset = segments.offset(position);
        MemorySegment memory = segment.memory();
        int commitWord = RecordLayout.publishedCommitWord(memory, offset);
        return expiry.hasPassed(memory, offset, commitWord) ? ABSENT : FOUND;
    }

    /** If the segment's memory goes meanwhile, that is an exception and the buffer's position is where it was. */
    private long copyFrame(long position, ByteBuffer target, int maxLength) {
        Segment segment = segments.segment(position);
        if (segment == null) {
            return MOVED;
        }
        long offset = segments.offset(position);
        MemorySegment memory = segment.memory();
        int commitWord = RecordLayout.publishedCommitWord(memory, offset);
        if (expiry.hasPassed(memory, offset, commitWord)) {
            return ABSENT;
        }
        long valueLength = RecordLayout.valueLength(memory, offset);
        boolean isHere = RecordLayout.kind(commitWord) == RecordLayout.VALUE;
        if (isHere) {
            requireRoom(segment, offset, commitWord, valueLength);
        } else if (valueLength < 0 || valueLength > RecordLayout.MAX_VALUE_LENGTH) {
            throw tooLong(segment, offset, valueLength);
        }
        long frameLength = RecordLayout.frameLength(valueLength);
        if (isHere && frameLength <= Math.min(maxLength, target.remaining())) {
            long frame = RecordLayout.valueOffset(offset, commitWord, valueLength)
                    - RecordLayout.framePrefixLength(valueLength);
            target.put(target.position(), segment.buffer(), (int) frame, (int) frameLength);
            target.position(target.position() + (int) frameLength);
        }
        return frameLength;
    }

    /** Binds a cursor to the record at a position; false if it has expired. The record is a current one, and stays. */
    public boolean bindPinned(long position, RecordCursor cursor) {
        long outcome = bind(position, cursor, verifyOnRead);
        if (outcome == GONE) {
            catchUp(0);
        } else if (outcome == MOVED) {
            throw new CorruptionException("the snapshot", position, "the value of a record is missing");
        }
        return outcome == FOUND;
    }

    long bind(long position, RecordCursor cursor, boolean verifies) {
        StackReserve.require();
        Segment segment = segments.segment(position);
        if (segment == null) {
            return MOVED;
        }
        int lease = point == null ? segment.acquire() : point.holdLog();
        if (lease == Leased.NO_LEASE) {
            return MOVED;
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
                requireHeader(segment, offset, commitWord);
                if (expiry.hasPassed(memory, offset, commitWord)) {
                    return ABSENT;
                }
                if (RecordLayout.kind(commitWord) == RecordLayout.REFERENCE) {
                    return bindLarge(memory, position, commitWord, cursor, verifies);
                }
                if (RecordLayout.kind(commitWord) != RecordLayout.VALUE) {
                    PageFaults.deliver();
                    throw new CorruptionException(segment.name(), offset, "this is not a record of a key with a value");
                }
                expiryMillis = RecordLayout.expiryMillis(memory, offset, commitWord);
            }
            requireRoom(segment, offset, commitWord, valueLength);
            long valueOffset = RecordLayout.valueOffset(offset, commitWord, valueLength);
            int checksum = RecordLayout.valueChecksum(memory, offset);
            cursor.bind(context, segment, valueOffset, valueLength, sequence, expiryMillis, position, checksum, lease);
            kept = true;
            if (verifyOnRead) {
                verify(cursor, offset, verifies);
            }
            return FOUND;
        } finally {
            if (!kept) {
                segment.release(lease);
            }
        }
    }

    /** The same of the length of a key, behind which other parts of the header lie. */
    private static void requireHeader(Segment segment, long offset, int commitWord) {
        if (RecordLayout.headerLength(commitWord) > segment.memory().byteSize() - offset) {
            PageFaults.deliver();
            throw new CorruptionException(
                    segment.name(),
                    offset,
                    "the record says that its key has " + RecordLayout.keyLength(commitWord)
                            + " bytes, which reaches beyond the end of the file; restore the store from a backup");
        }
    }

    /** A length that was damaged is not believed where it reaches beyond the file. */
    private static void requireRoom(Segment segment, long offset, int commitWord, long valueLength) {
        long end = segment.memory().byteSize();
        if (valueLength < 0
                || valueLength > end
                || RecordLayout.valueOffset(offset, commitWord, valueLength) + valueLength
                        > end - RecordLayout.FRAME_SUFFIX_LENGTH) {
            throw tooLong(segment, offset, valueLength);
        }
    }

    private static CorruptionException tooLong(Segment segment, long offset, long valueLength) {
        PageFaults.deliver();
        return new CorruptionException(
                segment.name(),
                offset,
                "the record says that its value has " + valueLength
                        + " bytes, which reaches beyond the end of the file; restore the store from a backup");
    }

    private static void verify(RecordCursor cursor, long recordOffset, boolean verifies) {
        cursor.oweVerification(recordOffset);
        if (!verifies) {
            return;
        }
        try {
            cursor.verifyIfDue();
        } catch (IllegalStateException | InternalError e) {
            throw e; // of memory: what it means depends on what the cursor is bound to
        } catch (RuntimeException | Error e) {
            cursor.unbind(); // which the caller may never have got
            throw e;
        }
    }

    private long bindLarge(MemorySegment memory, long position, int commitWord, RecordCursor cursor, boolean verifies) {
        long offset = segments.offset(position);
        LargeSegment large = segments.large(RecordLayout.referencedSegment(memory, offset, commitWord));
        if (large == null) {
            return MOVED;
        }
        if (large.isPoisoned()) {
            throw new PageLostException(
                    large.name(),
                    large.valueOffset(),
                    "a page of it could not be read earlier; restore the store from a backup",
                    null);
        }
        int lease = point == null ? large.acquire() : large.hold();
        if (lease == Leased.NO_LEASE) {
            return MOVED;
        }
        long sequence = RecordLayout.sequence(memory, offset);
        if (large.recordSequence() > sequence) {
            // A follower's: the number is another value's by now.
            large.release(lease);
            return MOVED;
        }
        boolean opened = false;
        try {
            lease = large.keepOpen(lease);
            opened = true;
        } catch (NoSuchFileException gone) {
            return GONE;
        } catch (IOException e) {
            throw context.errors.of("opening " + large.name() + " of " + context.path, e);
        } finally {
            if (!opened) {
                large.release(lease);
            }
        }
        cursor.bind(
                context,
                large,
                large.valueOffset(),
                large.valueLength(),
                sequence,
                RecordLayout.expiryMillis(memory, offset, commitWord),
                position,
                RecordLayout.valueChecksum(memory, offset),
                lease);
        if (verifyOnRead) {
            verify(cursor, SegmentHeader.LENGTH, verifies);
        }
        return FOUND;
    }

    // --- many keys ---

    /** What is done with the value of one key of many. */
    @FunctionalInterface
    public interface Visitor<C> {

        /** @param value null if the key is absent */
        void visit(int index, @Nullable C value);
    }

    /** Reads several keys, prefetching some at a time. */
    public <C extends RecordCursor> void getAll(List<byte[]> keys, C cursor, Visitor<C> visitor) {
        Lookahead lookahead = directory.lookahead(context.addresses);
        for (int first = 0; first < keys.size(); first += lookahead.count()) {
            lookahead.clear();
            for (byte[] key : keys.subList(first, Math.min(keys.size(), first + Lookahead.CAPACITY))) {
                lookahead.add(directory.hash(key, 0, key.length));
            }
            prefetch(lookahead);
            for (int i = 0; i < lookahead.count(); i++) {
                byte[] key = keys.get(first + i);
                boolean found = get(lookahead.hash(i), key, 0, key.length, cursor);
                try {
                    visitor.visit(first + i, found ? cursor : null);
                } finally {
                    cursor.release();
                }
            }
        }
    }

    public void prefetch(Lookahead lookahead) {
        StackReserve.require();
        int lease = context.leases.open();
        try {
            context.errors.call(reading, () -> {
                lookahead.run();
                return true;
            });
        } finally {
            context.leases.close(lease);
        }
    }
}
