package dev.penstock.server.report;

import dev.penstock.server.session.ServerContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether the server serves, for supervisors. A server that is not live makes no progress, and only a restart helps. A
 * server that is not ready should get no clients.
 *
 * <p>A full disk changes neither: reads and removals continue, a restart frees nothing, and clients that are kept away
 * cannot remove anything.
 *
 * @param isLive whether all event loops turn
 * @param problems why the server is not ready; empty if it is ready
 */
public record Health(boolean isLive, List<String> problems) {

    /** A device that hangs may hold a turn up, and the loop continues when it answers. */
    static final Duration MOST_OF_LIVE_TURN = Duration.ofSeconds(30);

    static final Duration MOST_OF_READY_TURN = Duration.ofSeconds(5);

    /** Copies the list. */
    public Health {
        problems = List.copyOf(problems);
    }

    public static Health of(ServerContext server) {
        return of(
                server.metrics().sinceAllTurned(),
                server.isDraining(),
                server.store().hasFailed());
    }

    /** @param sinceTurn time since the last turn of the event loop that waits longest */
    static Health of(Duration sinceTurn, boolean draining, boolean failed) {
        List<String> problems = new ArrayList<>();
        if (draining) {
            problems.add("the server is stopping");
        } else if (sinceTurn.compareTo(MOST_OF_READY_TURN) > 0) {
            problems.add("an event loop has not ended its turn for " + sinceTurn.toSeconds() + " s");
        }
        if (failed) {
            problems.add("the store takes no more writes until it is opened again; the log says why");
        }
        return new Health(draining || sinceTurn.compareTo(MOST_OF_LIVE_TURN) <= 0, problems);
    }

    /** {@return whether the server should get clients} */
    public boolean isReady() {
        return isLive && problems.isEmpty();
    }
}
