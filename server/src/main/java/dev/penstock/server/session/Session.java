package dev.penstock.server.session;

import dev.penstock.server.acl.User;
import dev.penstock.server.acl.Users;
import dev.penstock.server.keyspace.Keyspace;
import dev.penstock.server.keyspace.WatchedKeys;
import dev.penstock.server.resp.Reply;
import dev.penstock.server.turn.Attempts;
import dev.penstock.server.turn.Suspended;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The state of one client: its identity, its protocol, its last command. Lives as long as its connection, on the
 * connection's event loop.
 */
public final class Session {

    public enum ReplyMode {
        ON,
        OFF,
        /** The next command's reply is left out. */
        SKIP_NEXT,
        /** The reply of the command under way is left out. */
        SKIP
    }

    private final long id;
    private final ClientConnection connection;
    private final Reply reply;
    private final WatchedKeys watched = new WatchedKeys();
    private Keyspace keyspace;
    private @Nullable Transaction transaction;
    private final long createdMillis;
    private long activeMillis;
    private @Nullable Command lastCommand;
    private ReplyMode replyMode = ReplyMode.ON;
    private boolean closing;
    private @Nullable Suspended suspended; // null unless a command is under way that takes more than a turn
    private @Nullable Command commandUnderWay;
    private long nanosUnderWay;
    private @Nullable User user; // null until the client has shown who it is
    private boolean refused;
    private boolean noEvict;
    private boolean noTouch;
    private boolean readsFromReplica;
    private long coveredBytes;
    private long waitingBytes;
    private long waitDeadlineNanos;
    private String name = "";
    private String libraryName = "";
    private String libraryVersion = "";

    Session(long id, ClientConnection connection, Reply reply, Keyspace keyspace, long nowMillis, @Nullable User user) {
        this.id = id;
        this.connection = connection;
        this.reply = reply;
        this.keyspace = keyspace;
        this.createdMillis = nowMillis;
        this.activeMillis = nowMillis;
        this.user = user;
    }

    public long id() {
        return id;
    }

    public ClientConnection connection() {
        return connection;
    }

    public Reply reply() {
        return reply;
    }

    /** What the client's commands read and write. */
    public Keyspace keyspace() {
        return keyspace;
    }

    public void keyspace(Keyspace current) {
        keyspace = current;
    }

    /** The commands queued since MULTI; null if there is no transaction. */
    public @Nullable Transaction transaction() {
        return transaction;
    }

    public void beginTransaction(Transaction begun) {
        transaction = begun;
    }

    /** Drops what was queued, and the watched keys with it. */
    public void endTransaction() {
        if (transaction != null) {
            transaction.close();
            transaction = null;
        }
        watched.close();
    }

    public WatchedKeys watched() {
        return watched;
    }

    /** Whether the connection ends once its replies are sent. */
    public boolean isClosing() {
        return closing;
    }

    /** Does a command's work: all of it, or, if that is too much for a turn, some of it now and the rest later. */
    public void run(Suspended work) {
        boolean done = true;
        try {
            done = work.goOn();
            if (!done) {
                suspended = work;
            }
        } finally {
            if (done) {
                work.close();
            }
        }
    }

    /**
     * Repeats an action until no other writer interferes.
     *
     * @param attempt whether it came to an end, and replied; called anew each time, it begins anew
     */
    public void attempt(BooleanSupplier attempt) {
        if (!attempt.getAsBoolean()) {
            run(new Attempts(attempt));
        }
    }

    /** Notes what is under way, and how long it took so far. */
    void underWay(@Nullable Command command, long nanos) {
        commandUnderWay = command;
        nanosUnderWay = nanos;
    }

    /** Notes the command of the request under way; null while it may be refused, and if it is queued. */
    void executes(@Nullable Command command) {
        commandUnderWay = command;
    }

    @Nullable
    Command commandUnderWay() {
        return commandUnderWay;
    }

    long nanosUnderWay() {
        return nanosUnderWay;
    }

    /** Whether a command is under way that takes more than a turn. */
    public boolean isSuspended() {
        return suspended != null;
    }

    /** The rest of the command under way, which is the caller's now; null if there is none. */
    public @Nullable Suspended takeSuspended() {
        Suspended taken = suspended;
        suspended = null;
        return taken;
    }

    /** The work of another thread that the current command waits for; null if none. */
    public @Nullable Runnable elsewhere() {
        Suspended waiting = suspended;
        return waiting == null ? null : waiting.elsewhere();
    }

    /** What the current command waits for; null if nothing. */
    public @Nullable CompletionStage<?> awaited() {
        Suspended waiting = suspended;
        return waiting == null ? null : waiting.awaited();
    }

    /** Drops the command under way, if there is one; it writes nothing any more. */
    public void abandonCommand() {
        Suspended dropped = takeSuspended();
        if (dropped != null) {
            dropped.close();
        }
    }

    /** No further request is served; the connection ends once its replies are sent. */
    public void closeAfterReplies() {
        closing = true;
    }

    /** Whether the client has authenticated, or need not. */
    public boolean isAuthenticated() {
        return user != null;
    }

    /** Null until the client has authenticated. */
    public @Nullable User user() {
        return user;
    }

    public void authenticated(User shown) {
        user = shown;
    }

    /** A wrong password was given. What the client had shown before stays. */
    public void refused() {
        refused = true;
    }

    /** Whether a wrong password was given and its delay has not begun. */
    public boolean isRefused() {
        return refused;
    }

    /** Whether a wrong password was given since this was last asked: the reply is to come late. */
    public boolean takeRefusal() {
        boolean taken = refused;
        refused = false;
        return taken;
    }

    void executing(Command command, long nowMillis) {
        lastCommand = command;
        activeMillis = nowMillis;
    }

    public ReplyMode replyMode() {
        return replyMode;
    }

    public void replyMode(ReplyMode mode) {
        replyMode = mode;
    }

    /** Whether the reply of the command just executed is left out; moves SKIP on. */
    boolean suppressesReply() {
        return switch (replyMode) {
            case ON -> false;
            case OFF -> true;
            case SKIP_NEXT -> {
                replyMode = ReplyMode.SKIP;
                yield true;
            }
            case SKIP -> {
                replyMode = ReplyMode.ON;
                yield true;
            }
        };
    }

    public void noEvict(boolean on) {
        noEvict = on;
    }

    /** Whether reads may be executed by a node that does not lead their slot. */
    boolean readsFromReplica() {
        return readsFromReplica;
    }

    /** Sets it, for READONLY and READWRITE. */
    public void readsFromReplica(boolean on) {
        readsFromReplica = on;
    }

    /**
     * Says how many bytes of the input arrived before the last fence that held. A request that begins within them may
     * be answered from the state that the fence was for, or from a later one.
     */
    void coverInput(long bytes) {
        coveredBytes = bytes;
    }

    /** So many bytes of the input are consumed. */
    void inputConsumed(long bytes) {
        coveredBytes -= bytes;
        waitingBytes -= bytes;
    }

    /**
     * Until when a request that has to wait for a leader does so, by {@link System#nanoTime}. All requests that are
     * here when one of them begins to wait share its deadline, so the waits of a pipeline do not add up.
     */
    long waitDeadline(Duration longest) {
        if (waitingBytes <= 0) {
            waitingBytes = connection.inputBytes();
            waitDeadlineNanos = System.nanoTime() + longest.toNanos();
        }
        return waitDeadlineNanos;
    }

    /** Whether the next request had begun to arrive before the last fence that held. */
    boolean isInputCovered() {
        return coveredBytes > 0;
    }

    public void noTouch(boolean on) {
        noTouch = on;
    }

    public String name() {
        return name;
    }

    public void name(String newName) {
        name = newName;
    }

    public void libraryName(String newName) {
        libraryName = newName;
    }

    public void libraryVersion(String newVersion) {
        libraryVersion = newVersion;
    }

    /** Resets everything except the id. */
    public void reset(@Nullable User atFirst) {
        endTransaction();
        user = atFirst;
        name = "";
        replyMode = ReplyMode.ON;
        noEvict = false;
        noTouch = false;
        readsFromReplica = false;
        reply.protocolVersion(2);
    }

    /** The same for display, from any thread; perhaps slightly out of date. */
    public ClientLine line(long nowMillis) {
        Command last = lastCommand;
        return new ClientLine(
                id,
                connection.remoteAddress(),
                name,
                (libraryName + " " + libraryVersion).strip(),
                (nowMillis - createdMillis) / 1000,
                Math.max(0, nowMillis - activeMillis) / 1000,
                last == null ? "" : last.fullName(),
                connection.inputCapacity() + connection.outputBufferedBytes());
    }

    /** The line of CLIENT LIST and CLIENT INFO. */
    public String describe(long nowMillis) {
        Transaction begun = transaction; // may end meanwhile, where another thread asks
        int queued = begun == null ? 0 : begun.queue().capacity();
        return "id=" + id
                + " addr=" + connection.remoteAddress()
                + " laddr=" + connection.localAddress()
                + " fd=-1"
                + " name=" + name
                + " age=" + (nowMillis - createdMillis) / 1000
                + " idle=" + (nowMillis - activeMillis) / 1000
                + " flags=" + flags()
                + " db=0 sub=0 psub=0 ssub=0"
                + " multi=" + (begun == null ? -1 : begun.queue().count())
                + " qbuf=" + connection.inputBytes()
                + " qbuf-free=" + (connection.inputCapacity() - connection.inputBytes())
                + " argv-mem=0"
                + " multi-mem=" + queued
                + " rbs=0 rbp=0 obl=0"
                + " oll=" + connection.outputPieces()
                + " omem=" + connection.outputBufferedBytes()
                + " tot-mem=" + (connection.inputCapacity() + connection.outputBufferedBytes() + queued)
                + " events=r"
                + " cmd=" + (lastCommand == null ? "NULL" : lastCommand.fullName())
                + " user=" + (user == null ? Users.DEFAULT : user.name())
                + " redir=-1"
                + " resp=" + reply.protocolVersion()
                + " lib-name=" + libraryName
                + " lib-ver=" + libraryVersion;
    }

    private String flags() {
        String flags = (transaction == null ? "" : "x")
                + (closing ? "c" : "")
                + (connection.isUnixSocket() ? "U" : "")
                + (noEvict ? "e" : "")
                + (noTouch ? "T" : "");
        return flags.isEmpty() ? "N" : flags;
    }
}
