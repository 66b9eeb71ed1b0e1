package dev.penstock.server.metrics;

import dev.penstock.server.transfer.Counter;

/**
 * The outcomes of one command's requests on one event loop, or their sum over several loops. Written by the event loop
 * only, read by any thread.
 */
public final class CommandMetrics {

    private final Counter calls = new Counter();
    private final Counter nanos = new Counter();
    private final Counter rejected = new Counter();
    private final Counter failed = new Counter();

    /** Executed, whatever came of it. */
    public Counter calls() {
        return calls;
    }

    /** Nanoseconds that it took all together. */
    public Counter nanos() {
        return nanos;
    }

    /** Not executed: the number of arguments was wrong, or the client may not. */
    public Counter rejected() {
        return rejected;
    }

    /** Executed, and answered with an error. */
    public Counter failed() {
        return failed;
    }

    /** Adds what another one counted. */
    void add(CommandMetrics other) {
        calls.add(other.calls);
        nanos.add(other.nanos);
        rejected.add(other.rejected);
        failed.add(other.failed);
    }

    void forget() {
        calls.forget();
        nanos.forget();
        rejected.forget();
        failed.forget();
    }
}
