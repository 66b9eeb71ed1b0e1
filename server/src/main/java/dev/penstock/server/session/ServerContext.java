package dev.penstock.server.session;

import dev.penstock.server.acl.Users;
import dev.penstock.server.config.SettingTable;
import dev.penstock.server.config.Settings;
import dev.penstock.server.keyspace.Keyspace;
import dev.penstock.server.metrics.IncidentLog;
import dev.penstock.server.metrics.ServerMetrics;
import dev.penstock.server.metrics.SlowLog;
import dev.penstock.server.resp.Reply;
import dev.penstock.server.shard.Proposals;
import dev.penstock.server.shard.Router;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.Store;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The state that all event loops of a server share: the store, the settings, the clients, the slow log, and the sums of
 * their counters. Any thread.
 */
public final class ServerContext {

    private final Store store;
    private final Settings settings;
    private final Users users;
    private final Router router;
    private final @Nullable Proposals proposals; // null unless its group has a log
    private final SlowLog slowLog;
    private final IncidentLog incidents = new IncidentLog();
    private final Runnable shutdown;
    private final String runId;
    private final long startedNanos = System.nanoTime();
    private final ServerMetrics metrics = new ServerMetrics();
    private final ConcurrentSkipListMap<Long, Session> sessions = new ConcurrentSkipListMap<>();
    private final AtomicInteger clientCount = new AtomicInteger();
    private final AtomicLong lastSessionId = new AtomicLong();
    private final BackgroundTask saving;
    private final AtomicLong usedMemoryPeak = new AtomicLong();
    private final BackgroundTask compaction;
    private volatile boolean draining;
    private volatile long lastSaveSeconds = Instant.now().getEpochSecond();

    /**
     * @param proposals takes what clients write; null if it is executed here and nowhere else
     * @param shutdown asks the server to stop; returns at once
     */
    public ServerContext(
            Store store,
            Settings settings,
            Users users,
            Router router,
            @Nullable Proposals proposals,
            Runnable shutdown) {
        this.store = store;
        this.saving = new BackgroundTask("save", "ERR Background save already in progress", this::save);
        this.compaction = new BackgroundTask(
                "compact",
                "ERR Background append only file rewriting already in progress",
                () -> store.compact(ProgressListener.NONE));
        this.settings = settings;
        settings.bind(SettingTable.COMPACTION_RATE, store::compactionRate, store::setCompactionRate);
        this.users = users;
        this.router = router;
        this.proposals = proposals;
        this.slowLog = new SlowLog(settings);
        this.shutdown = shutdown;
        byte[] random = new byte[20];
        new SecureRandom().nextBytes(random);
        this.runId = HexFormat.of().formatHex(random);
    }

    public Store store() {
        return store;
    }

    public Settings settings() {
        return settings;
    }

    /** Says which keys are served here. */
    public Router router() {
        return router;
    }

    /** Takes what clients write; null if it is executed here and nowhere else. */
    public @Nullable Proposals proposals() {
        return proposals;
    }

    public Users users() {
        return users;
    }

    public SlowLog slowLog() {
        return slowLog;
    }

    /** For log lines that clients can cause. */
    public IncidentLog incidents() {
        return incidents;
    }

    public String runId() {
        return runId;
    }

    public void shutdown() {
        shutdown.run();
    }

    /** From now on nothing new is accepted. */
    public void drain() {
        draining = true;
    }

    public boolean isDraining() {
        return draining;
    }

    public long uptimeSeconds() {
        return (System.nanoTime() - startedNanos) / 1_000_000_000L;
    }

    /** What all event loops counted. */
    public ServerMetrics metrics() {
        return metrics;
    }

    /** @param keyspace that of the client's event loop */
    Session open(ClientConnection connection, Reply reply, Keyspace keyspace, long nowMillis) {
        Session session =
                new Session(lastSessionId.incrementAndGet(), connection, reply, keyspace, nowMillis, users.atFirst());
        sessions.put(session.id(), session);
        return session;
    }

    /** Undoes {@link #open}; the client still counts as admitted. */
    void withdraw(Session session) {
        sessions.remove(session.id());
    }

    void close(Session session) {
        if (sessions.remove(session.id()) != null) {
            dismiss();
        }
    }

    /** Counts a client that is about to be let in; false if there are as many as may be. */
    boolean admit() {
        int most = settings.maxClients();
        for (int now = clientCount.get(); now < most; now = clientCount.get()) {
            if (clientCount.compareAndSet(now, now + 1)) {
                return true;
            }
        }
        return false;
    }

    /** Undoes {@link #admit} for a client that has no session. */
    void dismiss() {
        clientCount.decrementAndGet();
    }

    /** Of the client that connected last. */
    long lastSessionId() {
        return lastSessionId.get();
    }

    /** The client that connected first of those that did after one with this number; null if there is none. */
    @Nullable
    Session sessionAfter(long id) {
        Map.Entry<Long, Session> next = sessions.higherEntry(id);
        return next == null ? null : next.getValue();
    }

    /** In the order in which they connected. */
    public Collection<Session> sessions() {
        return Collections.unmodifiableCollection(sessions.values());
    }

    /** Memory that clients' unfinished requests take. */
    public long requestBytes() {
        return sessions.values().stream()
                .mapToLong(session -> session.connection().inputCapacity())
                .sum();
    }

    /** Memory that replies take which clients have not taken yet. */
    public long replyBytes() {
        return sessions.values().stream()
                .mapToLong(session -> session.connection().outputBufferedBytes())
                .sum();
    }

    public int clientCount() {
        return clientCount.get();
    }

    /** The most memory that was in use at any report, including now. */
    public long usedMemoryPeak(long usedNow) {
        return usedMemoryPeak.accumulateAndGet(usedNow, Math::max);
    }

    /** SAVE in the background. */
    public BackgroundTask saving() {
        return saving;
    }

    public BackgroundTask compaction() {
        return compaction;
    }

    /** Forces what was written to the device. */
    public void save() {
        store.sync();
        lastSaveSeconds = Instant.now().getEpochSecond();
    }

    public long lastSaveSeconds() {
        return lastSaveSeconds;
    }
}
