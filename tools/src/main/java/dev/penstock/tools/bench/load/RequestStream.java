package dev.penstock.tools.bench.load;

/**
 * The requests of one worker in one phase. Times are nanoseconds since the generator began. Used by the worker's thread
 * alone.
 */
interface RequestStream {

    /** The time of a request that there is not. */
    long NEVER = Long.MAX_VALUE;

    /** When the next request is due; {@link #NEVER} if there is none any more. */
    long nextDue(long now);

    /** Whether requests are due at times of their own, so that sending one late is the worker's fault. */
    boolean isScheduled();

    /** Puts the next request onto a connection that accepts one. */
    void send(LoadConnection connection, long now);

    /**
     * Takes the reply to a request.
     *
     * @param step what the request was
     * @param key number of its key
     * @param due when it was due
     * @param reply what came back
     */
    void replied(LoadConnection connection, Step step, long key, long due, ReplyParser reply, long now);

    /** Takes a request that was still unanswered when the worker stopped waiting. */
    void unanswered(Step step, long due, long now);

    /** A request on the wire. */
    enum Step {
        HANDSHAKE,
        FILL,
        READ,
        UPDATE,
        INSERT,
        /** The first half of a read-modify-write. */
        MODIFY_READ,
        /** The second half. */
        MODIFY_WRITE
    }
}
