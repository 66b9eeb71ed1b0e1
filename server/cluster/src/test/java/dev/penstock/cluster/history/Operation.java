package dev.penstock.cluster.history;

import org.jspecify.annotations.Nullable;

/**
 * What one client did to one key. Compared by identity: two that are alike are two.
 *
 * <p>{@code result} is null for a key without a value, and where it does not matter.
 */
public final class Operation {

    /** What a client can do. */
    public enum Kind {
        GET,
        SET,
        SET_NX,
        INCR,
        DEL
    }

    /** What an operation makes of a value, and returns. */
    record Outcome(@Nullable String value, @Nullable String result) {}

    private static final long NEVER = Long.MAX_VALUE;

    private final int client;
    private final Kind kind;
    private final String key;
    private final String argument;
    private final long call;
    private long end = NEVER;
    private @Nullable String result;

    public Operation(int client, Kind kind, String key, String argument, long callNanos) {
        this.client = client;
        this.kind = kind;
        this.key = key;
        this.argument = argument;
        this.call = callNanos;
    }

    /** It has returned. Without this call its outcome is unknown. */
    public Operation returned(@Nullable String what, long nanos) {
        result = what;
        end = nanos;
        return this;
    }

    int client() {
        return client;
    }

    public Kind kind() {
        return kind;
    }

    public String key() {
        return key;
    }

    public String argument() {
        return argument;
    }

    public boolean writes() {
        return kind != Kind.GET;
    }

    long call() {
        return call;
    }

    long end() {
        return end;
    }

    @Nullable
    String result() {
        return result;
    }

    boolean isKnown() {
        return end != NEVER;
    }

    /** Whether its result says that it has changed nothing, whenever it happened. */
    boolean hasChangedNothing() {
        return isKnown()
                && switch (kind) {
                    case GET -> true;
                    case SET_NX -> result == null;
                    case DEL -> "0".equals(result);
                    case SET, INCR -> false;
                };
    }

    /** Two operations with one effect do the same to every value. */
    String effect() {
        return kind + " " + argument;
    }

    Outcome on(@Nullable String value) {
        return switch (kind) {
            case GET -> new Outcome(value, value);
            case SET -> new Outcome(argument, "OK");
            case SET_NX -> value == null ? new Outcome(argument, "OK") : new Outcome(value, null);
            case INCR -> {
                String more = Long.toString((value == null ? 0 : Long.parseLong(value)) + 1);
                yield new Outcome(more, more);
            }
            case DEL -> new Outcome(null, value == null ? "0" : "1");
        };
    }

    @Override
    public String toString() {
        return "client " + client + " " + kind + " " + key + " " + argument + " -> " + (isKnown() ? result : "unknown")
                + " [" + call / 1000 + (isKnown() ? ", " + end / 1000 : ", ") + "] us";
    }
}
