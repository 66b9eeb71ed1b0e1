package dev.penstock.server.turn;

import dev.penstock.server.resp.Reply;

/**
 * Bounds the cost of one client's turn, counted in steps of about 100 ns: a lookup of a key, a kilobyte copied, some
 * comparisons. Commands declare what they {@link #spend}; a command that would take more is {@link Suspended}. The cost
 * is counted and not timed, so that tests can check it. Between commands the clock is also checked, for commands that
 * take longer than their count: code that is not compiled yet, pages that have to be read. Event-loop thread only.
 */
public final class Turn {

    /** Steps of a turn: some milliseconds. */
    public static final long STEPS = 50_000;

    /** What any command costs. */
    public static final int COMMAND_STEPS = 10;

    /** What a key costs that is looked at or written. */
    public static final int KEY_STEPS = 4;

    private static final int BYTES_SHIFT = 10;
    private static final int VERIFICATION = 8;
    private static final long NANOS = 10_000_000;

    /** A turn is shortened by no more than this, however many clients have unfinished commands. */
    private static final int MOST_SHARES = 16;

    private long left = STEPS;
    private long given = STEPS;
    private long nanosLeft = NANOS;
    private int shares = 1;

    /** Says how many clients have unfinished commands: the more there are, the shorter are turns. */
    public void unfinished(int clients) {
        shares = Math.clamp(clients / 2, 1, MOST_SHARES);
    }

    /** A client's turn begins. */
    public void begin() {
        given = STEPS / shares;
        left = given;
        nanosLeft = NANOS / shares;
    }

    /** Notes how long a command took in this turn. */
    public void took(long nanos) {
        nanosLeft -= nanos;
    }

    public void spend(long steps) {
        left -= steps;
    }

    /** For bytes that are copied. */
    public void spendBytes(long bytes) {
        left -= bytes >>> BYTES_SHIFT;
    }

    /** For bytes that are verified: to read a kilobyte and compute its checksum takes longer than to copy it. */
    public void spendVerification(long bytes) {
        spendBytes(VERIFICATION * bytes);
    }

    /** For what was written to a reply since this was last called. */
    public void spend(Reply reply) {
        spendBytes(reply.takeWork());
    }

    /** Whether the client has had enough. */
    public boolean isOver() {
        return left <= 0 || nanosLeft <= 0;
    }

    /** Steps since the turn began. */
    public long spent() {
        return given - left;
    }
}
