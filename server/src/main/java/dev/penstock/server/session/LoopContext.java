package dev.penstock.server.session;

import dev.penstock.server.config.Settings;
import dev.penstock.server.keyspace.Keyspace;
import dev.penstock.server.keyspace.StoreKeyspace;
import dev.penstock.server.metrics.IncidentLog;
import dev.penstock.server.metrics.IncidentLog.Kind;
import dev.penstock.server.metrics.LoopMetrics;
import dev.penstock.server.metrics.SlowLog;
import dev.penstock.server.resp.Reply;
import dev.penstock.server.shard.Proposals;
import dev.penstock.server.turn.Turn;
import dev.penstock.store.Store;
import java.lang.System.Logger.Level;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * The context of the commands of one event loop: its clock and counters, and the shared {@link ServerContext}.
 * Event-loop thread only.
 */
public final class LoopContext {

    private final ServerContext server;
    private final Keyspace keyspace;
    private final @Nullable Replication replication; // null if what clients write is executed here
    private final LoopMetrics metrics = new LoopMetrics();
    private final Turn turn = new Turn();
    private int clientCount;
    private long nowMillis = System.currentTimeMillis();

    public LoopContext(ServerContext server) {
        this.server = server;
        this.keyspace = new StoreKeyspace(server.store());
        Proposals proposals = server.proposals();
        this.replication =
                proposals == null ? null : new Replication(server.store(), proposals, server.router(), this::logFailed);
        server.metrics().add(metrics);
    }

    private void logFailed(Throwable failure) {
        incidents().note(Kind.FAILED_LOG, nowMillis, Level.ERROR, "the log of the group failed", failure);
    }

    public ServerContext server() {
        return server;
    }

    /** For log lines that clients can cause. */
    public IncidentLog incidents() {
        return server.incidents();
    }

    public Store store() {
        return server.store();
    }

    /** The way to the log of the group; null if what clients write is executed here. */
    public @Nullable Replication replication() {
        return replication;
    }

    /** What commands read and write outside of a transaction. */
    public Keyspace keyspace() {
        return keyspace;
    }

    public Settings settings() {
        return server.settings();
    }

    public SlowLog slowLog() {
        return server.slowLog();
    }

    public LoopMetrics metrics() {
        return metrics;
    }

    /** What the client whose commands are executed may still cost. */
    public Turn turn() {
        return turn;
    }

    /** What says which values have expired. */
    public InstantSource clock() {
        return server.store().clock();
    }

    /** Wall-clock time at the start of the event loop's turn. */
    public long nowMillis() {
        return nowMillis;
    }

    /** Called once a turn, so that commands need not ask the system. */
    public void tick(long wallClockMillis) {
        nowMillis = wallClockMillis;
        incidents().tick(wallClockMillis);
    }

    public Session open(ClientConnection connection, Reply reply) {
        Session session = server.open(connection, reply, keyspace, nowMillis);
        clientCount++;
        return session;
    }

    /** Undoes {@link #open} for a client that is still to be {@linkplain #dismiss dismissed}. */
    public void withdraw(Session session) {
        clientCount--;
        server.withdraw(session);
    }

    public void close(Session session) {
        clientCount--;
        server.close(session);
        session.endTransaction();
    }

    /** Of this event loop. */
    public int clientCount() {
        return clientCount;
    }

    /** Counts a client that is about to be let in; false if there are as many as may be. */
    public boolean admit() {
        return server.admit();
    }

    /** Undoes {@link #admit} for a client that has no session. */
    public void dismiss() {
        server.dismiss();
    }
}
