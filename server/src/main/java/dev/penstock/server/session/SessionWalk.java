package dev.penstock.server.session;

import dev.penstock.server.turn.Suspended;
import dev.penstock.server.turn.Turn;
import java.util.function.Consumer;

/**
 * An action for each client that is connected at the start and still connected when it is reached; a few clients per
 * turn.
 */
public final class SessionWalk implements Suspended {

    private static final int SESSION_STEPS = 4;

    private final ServerContext server;
    private final Turn turn;
    private final Consumer<Session> visitor;
    private final Runnable last;
    private final long lastId;
    private long id;

    private SessionWalk(LoopContext loop, Consumer<Session> visitor, Runnable last) {
        this.server = loop.server();
        this.turn = loop.turn();
        this.visitor = visitor;
        this.last = last;
        this.lastId = server.lastSessionId();
    }

    /**
     * @param visitor is given the clients in the order in which they connected, and spends what it costs beyond a look
     * @param last run when all were visited
     */
    public static void run(Session session, LoopContext loop, Consumer<Session> visitor, Runnable last) {
        session.run(new SessionWalk(loop, visitor, last));
    }

    @Override
    public boolean goOn() {
        for (Session next = server.sessionAfter(id);
                next != null && next.id() <= lastId;
                next = server.sessionAfter(id)) {
            if (turn.isOver()) {
                return false;
            }
            turn.spend(SESSION_STEPS);
            visitor.accept(next);
            id = next.id();
        }
        last.run();
        return true;
    }
}
