package dev.penstock.store.internal.log;

import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.internal.segment.Segment;
import java.util.ArrayList;
import java.util.List;

/**
 * A stretch of the log that one writer is filling. Reused from write to write by its owner; the log fills it in.
 *
 * <p>A claim knows whether its record may count. Until it is {@linkplain #commit committed} the claim can be abandoned,
 * and the log pads it. After the commit, recovery may find the record, so nothing that belongs to it is undone: the
 * large values that it {@linkplain #carry carries} stay, and an error fails the store (see {@link Log#giveUp}).
 *
 * <p>One thread at a time.
 */
public final class Claim {

    /** How far a claim has come. */
    enum State {
        /** Nothing is claimed. */
        FREE,
        /** Room is claimed, and nothing in it counts. */
        CLAIMED,
        /** The commit word is stored, or is about to be. */
        COMMITTED
    }

    final boolean isCopy;
    State state = State.FREE;

    @SuppressWarnings("NullAway.Init") // set by the claim; read only after it
    Segment segment;

    long offset;
    long position;
    long length;
    long sequence;
    /** The last sequence that was taken for it: padding stores this one, since recovery finds only what is stored. */
    long lastSequence;
    /** Where the claim before this one ends: it is published after that one. */
    long follows;
    /** Whether the log's lock is held until it is published. */
    boolean holdsLock;

    private final List<LargeSegment> carried = new ArrayList<>(1);

    public Claim() {
        this(false);
    }

    private Claim(boolean isCopy) {
        this.isCopy = isCopy;
    }

    /** For records of which the log has another copy that will make space: they may go where nothing else may. */
    public static Claim forCopies() {
        return new Claim(true);
    }

    /** Adds a large value that a record in this claim refers to: it cannot be abandoned once the claim is committed. */
    public void carry(LargeSegment large) {
        carried.add(large);
    }

    /** Whether a record in this claim refers to a large value. */
    public boolean carries(LargeSegment large) {
        return carried.contains(large);
    }

    /** Begins a claim: nothing of the one before is left. */
    void begin() {
        state = State.CLAIMED;
        carried.clear();
    }

    /**
     * Drops the large values that were attached: nothing in the log will refer to them, so their creators may delete
     * them.
     */
    void carryNothing() {
        carried.clear();
    }

    /** Called before the commit word is stored. Nothing is undone from here on. */
    void commit() {
        state = State.COMMITTED;
        for (int i = 0; i < carried.size(); i++) {
            carried.get(i).commit();
        }
    }

    /** The commit word is known not to have got into the file. Only of a claim that carries nothing. */
    void withdraw() {
        state = State.CLAIMED;
    }

    /** The record is published, and everything that follows from it is done. */
    public void finish() {
        state = State.FREE;
    }

    public Segment segment() {
        return segment;
    }

    /** Offset of the record in its segment. */
    public long offset() {
        return offset;
    }

    /** Position of the record in the store. */
    public long position() {
        return position;
    }

    /** Length of the record in bytes. */
    public long length() {
        return length;
    }

    /** The record's place among all writes. */
    public long sequence() {
        return sequence;
    }
}
