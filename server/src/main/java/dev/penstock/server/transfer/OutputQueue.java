package dev.penstock.server.transfer;

import dev.penstock.store.ValueView;
import dev.penstock.store.transfer.ValueFrame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The unsent output of a connection, in order: stretches of encoded replies, and between them values that are sent from
 * their files. Replies of one turn gather in one chunk and leave by one write. Replies before and after a value share a
 * chunk, so that the memory held is that of the replies, rounded up to a chunk. A drained queue holds no buffer.
 *
 * <p>A command brackets its reply with {@link #mark()}: until the next write the whole reply can be discarded by {@link
 * #rollback()}, so a command that fails half-way leaves no torn reply.
 *
 * <p>Invariants: {@code tail}, where not null, is the chunk that is filled, and belongs to a stretch in the queue;
 * {@code open}, where not null, is the last piece, and grows in {@code tail}. Belongs to the event loop's thread.
 */
public final class OutputQueue {

    /** Parts of a value from this size on leave file to socket; they need two small writes around them. */
    static final int TRANSFER_PART_LENGTH = 128 * 1024;

    /** What is left of a value by so little is sent too: it would take a turn and four system calls of its own. */
    static final int TURN_SLACK_BYTES = 4096;

    /** While unsent replies take this much memory, a value is copied only if a separate lease would take more. */
    private static final long MUCH_BUFFERED = 4 << 20;

    private static final int LEASED_FRAME_LENGTH = 1024;

    /** Appending a reply costs as much as copying this many bytes; sending a value from its file costs more. */
    private static final int PUT_WORK = 256;

    private static final int TRANSFER_WORK = 8192;

    private static final int VERIFICATION_WORK = 8; // for each byte
    private static final int LONG_VERIFICATION = 64 << 10;

    private static final long BUFFERED_LIMIT = 64L << 20;

    private final ChunkPool pool;
    private final TransferContext transfers;
    private final TransferCounts counts;
    private final Runnable resume;
    private final ArrayDeque<OutputPiece> pieces = new ArrayDeque<>(4);
    private final List<ValueTransfer> unverified = new ArrayList<>();
    private @Nullable OutputChunk tail;
    private @Nullable Stretch open;
    private boolean turnOver;
    private long pending;
    private long buffered;
    private long work;

    private int markedPieces;
    private @Nullable OutputChunk markedTail;
    private int markedPosition; // in that chunk
    private boolean markedOpen;
    private long markedPending;

    /**
     * @param counts of the values that are sent from their files
     * @param resume called on the event loop's thread when the queue need not wait for the disk any longer
     */
    public OutputQueue(TransferContext transfers, TransferCounts counts, Runnable resume) {
        this.pool = transfers.pool();
        this.transfers = transfers;
        this.counts = counts;
        this.resume = resume;
    }

    public boolean isEmpty() {
        return pieces.isEmpty();
    }

    /** Bytes to send, values in their files included. */
    public long pending() {
        return pending;
    }

    /** Memory held, in bytes. */
    public long buffered() {
        return buffered;
    }

    public int pieceCount() {
        return pieces.size();
    }

    /** Appends all of a small array. */
    public void put(byte[] source) {
        OutputChunk filled = tail;
        if (open != null && filled != null && filled.bytes().remaining() >= source.length) {
            filled.bytes().put(source);
            advanced(source.length);
            return;
        }
        for (int from = 0; from < source.length; ) {
            ByteBuffer target = room(1);
            int length = Math.min(source.length - from, target.remaining());
            target.put(source, from, length);
            advanced(length);
            from += length;
        }
    }

    /** Appends what is between position and limit; the position moves. */
    public void put(ByteBuffer source) {
        int limit = source.limit();
        while (source.position() < limit) {
            ByteBuffer target = room(1);
            int length = Math.min(limit - source.position(), target.remaining());
            target.put(source.limit(source.position() + length));
            advanced(length);
        }
        source.limit(limit);
    }

    /**
     * A buffer with space for {@code length} bytes, at most {@link OutputChunk#SIZE}; report to {@link #advanced} what
     * was put.
     */
    public ByteBuffer room(int length) {
        OutputChunk filled = tail;
        if (filled == null || filled.bytes().remaining() < length) {
            filled = append();
        } else if (open == null) {
            open = filled.nextStretch();
            pieces.addLast(open);
        }
        return filled.bytes();
    }

    /** Takes memory now for {@code length} more bytes, at most {@link OutputChunk#SIZE}. */
    public void ensureRoom(int length) {
        if (tail == null || tail.bytes().remaining() < length) {
            append();
        }
    }

    /** The same, with no more memory than that: for replies that come much later. */
    public void ensureOwnRoom(int length) {
        if (tail == null || tail.bytes().remaining() < length) {
            append(length);
        }
    }

    /** Counts bytes that were put into {@link #room}. */
    public void advanced(int length) {
        pending += length;
        work += PUT_WORK + length;
    }

    /** What was done here since this was last asked, as the number of bytes that would be copied in the same time. */
    public long takeWork() {
        long done = work;
        work = 0;
        return done;
    }

    /**
     * Appends a value's reply-ready frame and takes the view over: small ones are copied, large ones leave from their
     * file. While much is waiting already, middling ones keep their lease too, so that a reply of many values is not
     * held in memory.
     */
    public void putFrame(ValueView view) {
        long length = ValueFrame.lengthOf(view);
        if (length >= frameLimit() || isLongToVerify(view)) {
            putTransfer(ValueTransfer.ofFrame(view, transfers, counts, resume));
            return;
        }
        try (view) {
            verify(view);
            for (long from = 0; from < length; ) {
                int copied = ValueFrame.copy(view, from, room(1));
                advanced(copied);
                from += copied;
            }
        }
    }

    /**
     * Space for a frame to be copied, see {@link #longestCopiedFrame}; report to {@link #advanced} what was put. A
     * frame that is longer, or does not fit, goes to {@link #putFrame}.
     */
    public ByteBuffer frameRoom() {
        return room(1);
    }

    /** The longest frame that is copied now, in bytes; longer ones keep their lease. */
    public int longestCopiedFrame() {
        return frameLimit() - 1;
    }

    /** Frames from this length on keep their lease rather than be copied. */
    private int frameLimit() {
        return buffered >= MUCH_BUFFERED
                ? LEASED_FRAME_LENGTH
                : transfers.settings().transferThreshold();
    }

    /** Appends a part of a value that is the whole reply but for bytes before it; see {@link #putPart}. */
    public void putBody(ValueView view, long offset, long length) {
        putPart(view, offset, length, frameLimit());
    }

    /** Appends a part of a value, without a frame, and takes the view over. */
    public void putPart(ValueView view, long offset, long length) {
        putPart(view, offset, length, TRANSFER_PART_LENGTH);
    }

    /** @param transferred the length from which on it leaves from its file */
    private void putPart(ValueView view, long offset, long length, int transferred) {
        if (length >= transferred || isLongToVerify(view)) {
            putTransfer(ValueTransfer.ofPart(view, offset, length, transfers, counts, resume));
            return;
        }
        try (view) {
            verify(view);
            for (long from = offset, end = offset + length; from < end; ) {
                ByteBuffer target = room(1);
                int limit = target.limit();
                target.limit((int) Math.min(limit, target.position() + (end - from)));
                int copied = view.copyTo(from, target);
                target.limit(limit);
                advanced(copied);
                from += copied;
            }
        }
    }

    /**
     * A value of which all has to be read before any of it is sent. Another thread does that, and it is not copied
     * here.
     */
    private static boolean isLongToVerify(ValueView view) {
        return ValueFrame.isVerificationDue(view) && view.length() >= LONG_VERIFICATION;
    }

    private void verify(ValueView view) {
        if (ValueFrame.isVerificationDue(view)) {
            work += VERIFICATION_WORK * view.length();
            ValueFrame.verify(view);
        }
    }

    /**
     * The values of the last reply that are still to be verified, which must not be sent before; null if there are
     * none. It is to be closed.
     */
    public @Nullable Verification verification() {
        if (unverified.isEmpty()) {
            return null;
        }
        Verification verification = new Verification(unverified);
        unverified.clear();
        return verification;
    }

    private void putTransfer(ValueTransfer transfer) {
        try {
            reserve(ValueTransfer.MEMORY_LENGTH);
        } catch (RuntimeException e) {
            transfer.release();
            throw e;
        }
        endStretch();
        pieces.addLast(transfer);
        if (transfer.isUnverified()) {
            unverified.add(transfer);
        }
        pending += transfer.remaining();
        work += TRANSFER_WORK;
    }

    private void endStretch() {
        if (open != null) {
            open.end();
            open = null;
        }
    }

    /**
     * Leaves a place for bytes that are known only after what follows them, such as the length of an array. Nothing may
     * be sent before it is filled; of several places the last is filled first.
     */
    public Place reserve() {
        ByteBuffer target = room(Place.LENGTH);
        int offset = target.position();
        target.position(offset + Place.LENGTH);
        return new Place(Objects.requireNonNull(open), offset);
    }

    /** Fills a place left by {@link #reserve}; at most {@link Place#LENGTH} bytes. */
    public void fill(Place place, byte[] source) {
        place.fill(source);
        pending += source.length;
    }

    public void mark() {
        markedPieces = pieces.size();
        markedTail = tail;
        markedPosition = tail == null ? 0 : tail.bytes().position();
        markedOpen = open != null;
        markedPending = pending;
    }

    /**
     * Where a reply begins.
     *
     * @param tail the chunk that is filled, null if there is none
     * @param position in it
     * @param open whether the last piece grows in it
     */
    public record Mark(int pieces, @Nullable OutputChunk tail, int position, boolean open, long pending) {}

    public Mark lastMark() {
        return new Mark(markedPieces, markedTail, markedPosition, markedOpen, markedPending);
    }

    /** Goes back to an earlier mark: what is taken back is everything since then. */
    public void mark(Mark earlier) {
        markedPieces = earlier.pieces();
        markedTail = earlier.tail();
        markedPosition = earlier.position();
        markedOpen = earlier.open();
        markedPending = earlier.pending();
    }

    /** Takes back everything since {@link #mark()}; only before any of it was sent. */
    public void rollback() {
        while (pieces.size() > markedPieces) {
            release(pieces.removeLast());
        }
        open = null;
        tail = markedTail;
        if (tail != null) {
            tail.bytes().position(markedPosition);
        }
        if (markedOpen) {
            open = (Stretch) pieces.getLast();
            open.reopen();
        }
        pending = markedPending;
    }

    /**
     * Sends until all is sent, the socket is full, the disk has to be waited for or the turn's share is used up;
     * returns whether all is sent.
     */
    public boolean writeTo(Wire wire) throws IOException {
        return writeTo(wire, false);
    }

    /**
     * The same.
     *
     * @param brief whether the share is small, so that requests of others wait less
     */
    public boolean writeTo(Wire wire, boolean brief) throws IOException {
        long share = wire.turnBytes(brief);
        turnOver = false;
        for (OutputPiece piece = pieces.peekFirst(); piece != null; piece = pieces.peekFirst()) {
            if (piece.remaining() > 0) {
                if (share <= 0) {
                    turnOver = true;
                    return false;
                }
                boolean more = pending > piece.remaining() && share > piece.remaining();
                long limit = piece.remaining() - share <= TURN_SLACK_BYTES ? piece.remaining() : share;
                long written = piece.writeTo(wire, limit, more);
                pending -= written;
                share -= written;
                if (piece.remaining() > 0) {
                    turnOver = share <= 0;
                    return false;
                }
            }
            pieces.removeFirst();
            if (piece == open) {
                endStretch();
            }
            release(piece);
        }
        return true;
    }

    /** Whether the last write ended because the turn's share was used up: the socket may take more at once. */
    public boolean isTurnOver() {
        return turnOver;
    }

    /** Whether it is the disk that has to be waited for, and not the client. */
    public boolean isWaiting() {
        OutputPiece first = pieces.peekFirst();
        return first != null && first.isWaiting();
    }

    /** Drops everything: buffers go back to the pool, leases end. */
    public void discard() {
        for (OutputPiece piece = pieces.pollFirst(); piece != null; piece = pieces.pollFirst()) {
            release(piece);
        }
        open = null;
        pending = 0;
    }

    /** Begins another chunk. */
    private OutputChunk append() {
        return append(OutputChunk.SIZE);
    }

    private OutputChunk append(int size) {
        reserve(size);
        OutputChunk chunk = size == OutputChunk.SIZE ? pool.take() : pool.take(size);
        endStretch();
        tail = chunk;
        open = chunk.firstStretch();
        pieces.addLast(open);
        return chunk;
    }

    private void reserve(int length) {
        if (buffered >= BUFFERED_LIMIT) {
            throw new ReplyTooLargeException(BUFFERED_LIMIT);
        }
        if (buffered == 0) {
            pool.replies().reserveFirst(length);
        } else {
            pool.replies().reserveMore(length);
        }
        buffered += length;
    }

    private void release(OutputPiece piece) {
        int length = piece.release();
        buffered -= length;
        pool.replies().release(length);
        if (length > 0 && piece instanceof Stretch last && last.chunk() == tail) {
            tail = null;
            open = null;
        }
    }
}
