package dev.penstock.server.command;

import dev.penstock.server.transfer.Counter;

/** What became of one command's requests on one event loop. Written by the event loop only, read by any thread; or the sum of
 * several. */
final class CommandUse {

    /** Executed, whatever came of it. */
    final Counter calls = new Counter();

    /** Nanoseconds that it took all together. */
    final Counter nanos = new Counter();

    /** Not executed: the number of arguments was wrong, or the client may not. */
    final Counter rejected = new Counter();

    /** Executed, and answered with an error. */
    final Counter failed = new Counter();

    /** Adds what another one counted. */
    void add(CommandUse other) {
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
