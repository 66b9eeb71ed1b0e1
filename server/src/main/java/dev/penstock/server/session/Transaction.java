package dev.penstock.server.session;

import dev.penstock.server.resp.CommandError;
import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.Request;
import dev.penstock.server.resp.RequestQueue;
import dev.penstock.server.shard.Proposals;

/** The commands that a client has queued since MULTI. */
public final class Transaction implements AutoCloseable {

    private final RequestQueue queue;
    private boolean spoiled;
    private int slot = SlotCheck.NO_SLOT;
    private boolean readOnly = true;
    private boolean writes;
    private long length; // of the step that it would be in a log

    public Transaction(RequestQueue queue) {
        this.queue = queue;
    }

    public RequestQueue queue() {
        return queue;
    }

    /** A command was refused, so EXEC will execute none. */
    void spoil() {
        spoiled = true;
    }

    public boolean isSpoiled() {
        return spoiled;
    }

    /** Adds a command with keys of a slot, or without keys. In a cluster, all keys of a transaction are of one slot. */
    void include(int ofCommand, boolean reads) {
        slot = SlotCheck.same(slot, ofCommand);
        readOnly &= reads || ofCommand == SlotCheck.NO_SLOT;
    }

    /** The slot of its keys; {@link SlotCheck#NO_SLOT} if it has none. */
    int slot() {
        return slot;
    }

    /** Whether no command of it writes to a key. */
    boolean isReadOnly() {
        return readOnly;
    }

    /**
     * Counts a request that is about to be queued, where transactions become steps of a log.
     *
     * @param bytes that it counts in a step
     * @return false if the step would be too long
     */
    boolean lengthen(long bytes) {
        length += bytes;
        return length <= Proposals.MOST_STEP_BYTES;
    }

    /** Notes that a command was queued. */
    void queued(Command command) {
        writes |= command.isWrite();
    }

    /** Whether a command of it may change keys. */
    boolean writes() {
        return writes;
    }

    void add(Request request, Reply reply) {
        boolean added = false;
        try {
            added = queue.add(request);
        } finally {
            spoiled |= !added;
        }
        if (!added) {
            throw new CommandError("OOM the commands of a transaction take more than 64 MiB");
        }
        reply.simple("QUEUED");
    }

    /** The error that EXEC replies with when it executes nothing, for the reason given. */
    public static CommandError aborted(Throwable reason) {
        String text = ErrorText.of(reason);
        return new CommandError("EXECABORT Transaction discarded because of: "
                + (text.startsWith("ERR ") ? text.substring("ERR ".length()) : text));
    }

    @Override
    public void close() {
        queue.close();
    }
}
