package dev.penstock.server.command;

import dev.penstock.server.resp.Reply;
import dev.penstock.store.Store;
import java.security.SecureRandom;
import java.util.Collection;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What all commands share: the store, the settings, the clients, the counters, the clock. Event-loop thread only, but
 * for the store.
 */
public final class Node {

    private final Store store;
    private final Settings settings;
    private final SlowLog slowLog;
    private final Runnable shutdown;
    private final String runId;
    private final long startedNanos = System.nanoTime();
    private final Statistics statistics = new Statistics();
    private final Map<Long, Session> sessions = new LinkedHashMap<>();
    private long nextSessionId = 1;
    private long nowMillis = System.currentTimeMillis();

    /** @param shutdown asks the server to stop; returns at once */
    public Node(Store store, Settings settings, Runnable shutdown) {
        this.store = store;
        this.settings = settings;
        this.slowLog = new SlowLog(settings);
        this.shutdown = shutdown;
        byte[] random = new byte[20];
        new SecureRandom().nextBytes(random);
        this.runId = HexFormat.of().formatHex(random);
    }

    Store store() {
        return store;
    }

    public Settings settings() {
        return settings;
    }

    SlowLog slowLog() {
        return slowLog;
    }

    String runId() {
        return runId;
    }

    public Statistics statistics() {
        return statistics;
    }

    void shutdown() {
        shutdown.run();
    }

    long uptimeSeconds() {
        return (System.nanoTime() - startedNanos) / 1_000_000_000L;
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
        Session session = new Session(nextSessionId++, link, reply, nowMillis, settings.password() == null);
        sessions.put(session.id(), session);
        return session;
    }

    public void close(Session session) {
        sessions.remove(session.id());
    }

    /** In the order in which they connected. */
    Collection<Session> sessions() {
        return Collections.unmodifiableCollection(sessions.values());
    }

    public int sessionCount() {
        return sessions.size();
    }
}
