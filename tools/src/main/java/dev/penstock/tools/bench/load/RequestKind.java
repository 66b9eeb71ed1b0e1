package dev.penstock.tools.bench.load;

import java.util.Locale;

/** Kinds of requests with separate latencies. */
public enum RequestKind {
    /** GET. */
    READ,
    /** SET of a key that is there. */
    UPDATE,
    /** SET of a new key. */
    INSERT,
    /** GET, and when it is answered SET of the same key; its latency is that of both. */
    READ_MODIFY_WRITE,
    /** Was due, but never sent, because the time was up while others were before it. */
    NOT_SENT;

    /** Such as "read-modify-write". */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
