package dev.penstock.server.command;

import dev.penstock.server.resp.Reply;
import dev.penstock.store.Store;

/** What the commands of one event loop work with: its clock and counters, and what it shares. Event-loop thread only. */
public final class Node {

    private final Hub hub;
    private final Statistics statistics = new Statistics();
    private long nowMillis = System.currentTimeMillis();

    public Node(Hub hub) {
        this.hub = hub;
        hub.add(this);
    }

    Hub hub() {
        return hub;
    }

    Store store() {
        return hub.store();
    }

    public Settings settings() {
        return hub.settings();
    }

    SlowLog slowLog() {
        return hub.slowLog();
    }

    public Statistics statistics() {
        return statistics;
    }

    /** Wall-clock time at the start of the event loop's turn. */
    public long nowMillis() {
        return nowMillis;
    }

    /** Called once a turn, so that commands need not ask the system. */
    public void tick(long wallClockMillis) {
        nowMillis = wallClockMillis;
    }

    public Session open(Link link, Reply reply) {
        return hub.open(link, reply, nowMillis);
    }

    public void close(Session session) {
        hub.close(session);
    }

    /** Of all event loops. */
    public int sessionCount() {
        return hub.sessionCount();
    }
}
