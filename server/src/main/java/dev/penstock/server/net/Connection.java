package dev.penstock.server.net;

import dev.penstock.server.metrics.IncidentLog.Kind;
import dev.penstock.server.net.ClientTimeouts.Phase;
import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.RequestBuffer;
import dev.penstock.server.session.ClientConnection;
import dev.penstock.server.session.LoopContext;
import dev.penstock.server.session.Protocol;
import dev.penstock.server.session.Session;
import dev.penstock.server.transfer.ChunkPool;
import dev.penstock.server.transfer.Intake;
import dev.penstock.server.transfer.OutOfBudgetException;
import dev.penstock.server.transfer.OutputChunk;
import dev.penstock.server.transfer.OutputQueue;
import dev.penstock.server.transfer.TransferContext;
import dev.penstock.server.transfer.TransferCounts;
import dev.penstock.server.transfer.Wire;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One client's socket with its input, its output and its session. A turn has two phases. {@link #receivePhase} sends
 * the rest of earlier replies and reads once. {@link #replyPhase} executes the requests that have arrived and sends all
 * their replies together. The {@link Protocol} says which requests there are, and executes them. Long replies, and the
 * rest of replies, wait in a {@link SendQueue} until the requests of others are answered.
 *
 * <p>Back-pressure: while unsent replies take more than {@link #PAUSE_BYTES} of memory, no request is executed. Many
 * clients write a whole pipeline before they read the first reply, so requests are still read, up to {@link
 * #READ_AHEAD_BYTES} and as long as memory is not short. Beyond that nothing is read either, and a client that does not
 * read its replies fills its own socket and stops. Unsent values wait in their files and take hardly any memory.
 *
 * <p>Turns: a {@link dev.penstock.server.turn.Turn} bounds the cost of a client's requests. The rest of its requests,
 * or of one of them, {@linkplain #continueTurn continues} when other clients have had their turns.
 *
 * <p>{@link ClientTimeouts} bound the time that a client may take.
 *
 * <p>Event-loop thread only.
 */
final class Connection implements ClientConnection, SendQueue.Sender {

    /** Memory of unsent replies at which a client's further requests have to wait. */
    static final int PAUSE_BYTES = 16 << 20;

    /** Values on their way at which they have to wait as well: each holds on to its file. */
    static final int PAUSE_PIECES = 8192;

    /** Requests that are received, at most, while they have to wait. */
    static final int READ_AHEAD_BYTES = 32 << 20;

    private static final Logger LOG = System.getLogger(Connection.class.getName());
    private static final int INTAKE_TURN_BYTES = 256 * 1024;
    private static final int MOST_DISCARDING_READS = 16;

    private final SocketChannel channel;
    private final @Nullable TlsWire tls; // null without TLS
    private final Wire wire; // the one or the other
    private final SelectionKey key;
    private final LoopContext loop;
    private final TransferContext transfers;
    private final ChunkPool pool;
    private final SocketName name;
    private final OutputQueue output;
    private final RequestBuffer input;
    /** What arrives while a command is under way: the input holds still until the command is done. */
    private final RequestBuffer early;

    private final Session session;
    private final Protocol protocol;
    private final ClientTimeouts timeouts;
    private final Mailbox mailbox;
    private final Consumer<Connection> again;
    private final SendQueue sends;
    private @Nullable Intake intake;
    private boolean authenticated;
    private boolean paused;
    private boolean refusing;
    private boolean ending;
    private boolean closed;
    private boolean unserved;
    private boolean drained;
    private boolean queued; // to send
    private boolean reported; // by the selector, while it was queued
    private boolean sendsMore; // the last write ended with the turn's share, not with the socket's space
    private boolean scheduled; // for another turn
    private boolean away; // another thread works for the command under way, or will say when it goes on
    private boolean inputEnded;
    private boolean readAheadRefused;

    /**
     * @param tls what the channel is seen through, null for the channel itself
     * @param key the channel's registration, for reading
     * @param counts of the values that are sent to clients of this kind
     * @param again has the loop {@link #continueTurn} with a connection when others have had their turns
     * @param sends where the connection waits while it has long replies to send
     */
    Connection(
            SocketChannel channel,
            @Nullable TlsWire tls,
            SelectionKey key,
            LoopContext loop,
            Protocol.Factory protocols,
            TransferContext transfers,
            TransferCounts counts,
            Deadlines deadlines,
            Mailbox mailbox,
            Consumer<Connection> again,
            SendQueue sends)
            throws IOException {
        this.again = again;
        this.sends = sends;
        this.mailbox = mailbox;
        this.channel = channel;
        this.tls = tls;
        this.wire = tls == null ? new PlainWire(channel) : tls;
        this.key = key;
        this.loop = loop;
        this.transfers = transfers;
        this.pool = transfers.pool();
        this.name = SocketName.of(channel);
        this.output = new OutputQueue(transfers, counts, this::enqueue);
        this.input = new RequestBuffer(pool);
        this.early = new RequestBuffer(pool);
        this.session = loop.open(this, new Reply(output));
        boolean begun = false;
        try {
            this.protocol = protocols.begin(session, input, output);
            authenticated = session.isAuthenticated();
            protocol.identified(authenticated);
            this.timeouts = new ClientTimeouts(this, deadlines, loop.settings(), protocol.idleSeconds(), nextPhase());
            begun = true;
        } finally {
            if (!begun) {
                loop.withdraw(session);
            }
        }
    }

    /** Takes one turn. */
    private void turn() {
        receivePhase();
        replyPhase();
    }

    /**
     * Whether the turn that the socket is ready for can wait until the requests of others are answered: replies are
     * under way. It is queued then.
     */
    boolean defer() {
        if (isSent()) {
            return false;
        }
        reported = true;
        enqueue();
        return true;
    }

    private void enqueue() {
        if (!queued) {
            queued = true;
            sends.add(this);
        }
    }

    /** Sends some more, and takes a whole turn if the selector reported the socket. */
    @Override
    public void sendTurn() {
        boolean ready = reported;
        queued = false;
        reported = false;
        sendsMore = false;
        if (closed) {
            return;
        }
        if (ready) {
            turn();
        } else if (!ending) {
            guarded(() -> {
                if (!session.isSuspended()) {
                    send();
                }
                updateInterest();
            });
        }
        if (sendsMore && !closed) {
            enqueue();
        }
    }

    /** The first half of a turn: sends what is left of earlier replies, and reads once. */
    void receivePhase() {
        guarded(this::read);
    }

    /** The second half of a turn: executes the requests that have arrived. */
    void replyPhase() {
        if (!closed && !ending) {
            guarded(this::respond);
        }
    }

    /** Goes on with what was too much for one turn. */
    void continueTurn() {
        scheduled = false;
        if (closed || ending || away) {
            return;
        }
        guarded(() -> {
            if (session.isSuspended() && mayReadWhileParked()) {
                readAhead(early); // throws if the client has reset the connection: its command is dropped then
            }
            executeRequests();
            if (!session.isSuspended()) {
                sendReplies();
            }
            updateInterest();
        });
    }

    /** The work is done that another thread did for the command under way, or what it awaited has happened. */
    private void resumeCommand() {
        away = false;
        if (closed) {
            guarded(session::abandonCommand);
        } else {
            continueTurn();
        }
    }

    private void schedule() {
        if (!scheduled) {
            scheduled = true;
            again.accept(this);
        }
    }

    /** What is done for a connection. */
    @FunctionalInterface
    interface Step {
        void run() throws IOException;
    }

    /**
     * Runs an action for this connection. An exception is logged and ends this connection, nobody else's. Everything
     * that the loop does for one client, in a turn, by mail or by a timer, goes through here.
     */
    void guarded(Step step) {
        try {
            try {
                step.run();
            } catch (OutOfBudgetException e) {
                rejectOverBudget(e);
                updateInterest();
            }
        } catch (IOException | OutOfBudgetException e) {
            kill();
            if (e instanceof SSLException && isShakingHands()) {
                handshakeFailed(String.valueOf(e.getMessage()));
            } else {
                LOG.log(Level.DEBUG, "connection of {0} broke: {1}", name.remote(), e.getMessage());
            }
        } catch (RuntimeException | Error e) {
            failed(e);
        }
    }

    private void failed(Throwable e) {
        String text = "closed the connection of " + name.remote();
        loop.incidents().note(Kind.BROKEN_CONNECTION, loop.nowMillis(), Level.ERROR, text, e);
        try {
            kill();
        } catch (RuntimeException | Error again) {
            loop.incidents().note(Kind.BROKEN_CONNECTION, loop.nowMillis(), Level.ERROR, text, again);
        }
    }

    private void handshakeFailed(String why) {
        String text = "the TLS handshake of " + name.remote() + " failed: " + why;
        loop.incidents().note(Kind.FAILED_HANDSHAKE, loop.nowMillis(), text);
    }

    /** Goes on with the handshake. */
    void resume() {
        TlsWire secured = tls;
        if (!closed && secured != null) {
            guarded(secured::workDone);
            turn();
        }
    }

    private void read() throws IOException {
        if (ending) {
            discardInput();
            return;
        }
        if (session.isSuspended()) {
            if (isParked() && key.isReadable() && mayReadWhileParked()) {
                readAhead(early); // throws if the client has reset the connection
            }
            return;
        }
        boolean readable = key.isReadable() || (tls != null && tls.hasInput());
        drained = send();
        watchProgress();
        if (scheduled) {
            return;
        }
        if (paused) {
            unserved = !refusing && !isFull();
            if (!unserved && readable && mayReadAhead()) {
                readAhead(input);
            }
        } else if (readable && !session.isClosing()) {
            receive();
        }
    }

    private void respond() throws IOException {
        if (unserved && !scheduled && !session.isSuspended()) {
            executeRequests();
        }
        if (drained && !session.isSuspended()) {
            sendReplies();
        }
        updateInterest();
    }

    /** Sends short replies at once; long ones wait until the requests of others are answered. */
    private void sendReplies() throws IOException {
        if (output.pending() > Wire.BRIEF_TURN_BYTES) {
            enqueue();
        } else if (output.isEmpty()) {
            flush();
        } else if (send()) {
            sends.answered();
        }
    }

    /**
     * Whether the client has to take replies before it gets more. When memory for replies is short, it gets no second
     * one before it has taken the first.
     */
    private boolean isFull() {
        if (pool.replies().isTight()) {
            return output.pending() > 0;
        }
        return output.buffered() >= PAUSE_BYTES || output.pieceCount() >= PAUSE_PIECES;
    }

    /** Whether the command under way waits, perhaps for long, for what happens elsewhere: input is read meanwhile. */
    private boolean isParked() {
        return away && session.awaited() != null;
    }

    private boolean mayReadWhileParked() {
        return early.available() < OutputChunk.SIZE && mayReadAhead();
    }

    private boolean mayReadAhead() {
        return !refusing
                && !inputEnded
                && !readAheadRefused
                && !session.isClosing()
                && session.isAuthenticated()
                && input.available() < READ_AHEAD_BYTES
                && !pool.requests().isTight();
    }

    /** Takes in requests that have to wait. */
    private void readAhead(RequestBuffer target) throws IOException {
        try {
            int read = target.readFrom(wire.channel());
            inputEnded = read < 0;
            if (read > 0) {
                loop.metrics().received(read);
                timeouts.received(read);
            }
        } catch (OutOfBudgetException full) {
            readAheadRefused = true;
        }
    }

    private boolean send() throws IOException {
        sendsMore = false;
        if (output.isEmpty()) {
            return flush();
        }
        if (refusing) {
            return false;
        }
        long before = output.pending();
        try {
            boolean all = output.writeTo(wire, sends.isBrief());
            sendsMore = output.isTurnOver();
            return all;
        } finally {
            long sent = before - output.pending();
            loop.metrics().sent(sent);
            if (sent > 0) {
                timeouts.sent();
            }
        }
    }

    /** What is encrypted may still wait for the socket. */
    private boolean flush() throws IOException {
        if (tls != null && !tls.isFlushed()) {
            tls.flush();
        }
        return isSent();
    }

    private boolean isSent() {
        return output.isEmpty() && (tls == null || tls.isFlushed());
    }

    /** A socket that is ready to take bytes and gets none has a cut file's value to wait for, and that never comes. */
    private void watchProgress() throws IOException {
        if (!output.isEmpty() && !output.isWaiting() && key.isWritable() && timeouts.isSpinning()) {
            throw new IOException("a value's file is shorter than the value");
        }
    }

    /**
     * The request cannot be completed, because all clients' requests take too much memory: sends an error and
     * disconnects the client.
     */
    private void rejectOverBudget(OutOfBudgetException reason) {
        String text = "cut off " + name.remote() + ": " + reason.getMessage();
        loop.incidents().note(Kind.MEMORY_LIMIT, loop.nowMillis(), text);
        intake = null;
        protocol.discard();
        protocol.refuse(reason);
    }

    private void receive() throws IOException {
        int read =
                intake != null ? intake.readFrom(wire, INTAKE_TURN_BYTES, transfers) : input.readFrom(wire.channel());
        if (read < 0) {
            endOfInput();
            return;
        }
        loop.metrics().received(read);
        timeouts.received(read);
        if (intake != null && intake.isComplete()) {
            intake = null;
        }
        if (intake == null) {
            unserved = true;
            protocol.received();
        }
    }

    /** The client sends no more; its earlier requests are still answered. */
    private void endOfInput() {
        intake = null;
        protocol.discard();
        session.closeAfterReplies();
    }

    /** Executes what has arrived, until more is needed or the client has to take its replies first. */
    private void executeRequests() {
        paused = false;
        unserved = false;
        readAheadRefused = false;
        protocol.beginRun();
        loop.turn().begin();
        if (session.isSuspended() && !completed(protocol.resume())) {
            return;
        }
        input.takeFrom(early);
        while (!session.isClosing()) {
            if (isFull()) {
                paused = true;
                return;
            }
            if (loop.turn().isOver()) {
                unserved = true;
                schedule();
                return;
            }
            switch (protocol.next()) {
                case MORE -> {
                    if (inputEnded) {
                        endOfInput();
                    }
                    return;
                }
                case DONE -> {
                    if (!completed(true)) {
                        return;
                    }
                }
                case PART -> {} // unless the turn is over
                case UNFINISHED -> {
                    completed(false);
                    return;
                }
                case INTAKE -> {
                    intake = protocol.intake();
                    return;
                }
                case BROKEN -> session.closeAfterReplies();
            }
        }
        protocol.discard();
    }

    /** Whether the next request may be executed: this one is done, and did not show a wrong password. */
    private boolean completed(boolean done) {
        if (done) {
            protocol.done();
            return afterRequest();
        }
        Runnable job = session.elsewhere();
        if (job != null) {
            away = true;
            transfers.elsewhere(job, this::resumeCommand);
            return false;
        }
        CompletionStage<?> awaited = session.awaited();
        if (awaited != null) {
            away = true;
            awaited.whenComplete((result, failure) -> mailbox.execute(this::resumeCommand));
        } else {
            schedule();
        }
        return false;
    }

    /** Notes that a request is done; whether the next one may be. */
    private boolean afterRequest() {
        timeouts.requestServed();
        if (!session.takeRefusal()) {
            updateIdentity();
            return true;
        }
        // Delays password guessing: this connection is blocked, others are not affected.
        refusing = true;
        paused = true;
        return false;
    }

    private void updateIdentity() {
        if (authenticated && !session.isAuthenticated()) {
            timeouts.loggedOut();
        }
        authenticated = session.isAuthenticated();
        protocol.identified(authenticated);
    }

    /** Asks to be woken for what can happen next, or ends. */
    private void updateInterest() throws IOException {
        if (closed) {
            return;
        }
        if (session.isClosing() && !session.isSuspended() && isSent()) {
            closeGracefully();
            return;
        }
        boolean held = tls != null && tls.isWorking();
        boolean busy = session.isSuspended();
        boolean wantsInput = paused ? mayReadAhead() : !scheduled;
        if (busy) {
            wantsInput = isParked() && mayReadWhileParked();
        }
        int reading = held || session.isClosing() || !wantsInput ? 0 : SelectionKey.OP_READ;
        boolean sending = (paused || !isSent()) && !output.isWaiting() && !queued;
        int writing = (sending || holdsInput()) && !refusing && !held && !busy ? SelectionKey.OP_WRITE : 0;
        if (key.interestOps() != (reading | writing)) {
            key.interestOps(reading | writing);
        }
        if (!busy
                && !scheduled
                && !paused
                && (!session.isAuthenticated() || pool.requests().isScarce())) {
            input.shrink();
        }
        timeouts.enter(nextPhase());
    }

    /** Whether there is input that the selector does not report. A writable socket is reported at once. */
    private boolean holdsInput() {
        return tls != null && tls.hasInput() && !session.isClosing() && (paused ? mayReadAhead() : !scheduled);
    }

    private Phase nextPhase() {
        if (refusing) {
            return Phase.REFUSING;
        }
        if (session.isSuspended()) {
            return inputEnded && isParked() ? Phase.LEAVING : Phase.WORKING;
        }
        if (!name.isLoopback() && (!session.isAuthenticated() || isShakingHands())) {
            return Phase.BEGINNING;
        }
        if (!isSent()) {
            return Phase.SENDING;
        }
        return intake != null || protocol.isMidRequest() || isShakingHands() ? Phase.RECEIVING : Phase.IDLE;
    }

    private boolean isShakingHands() {
        return tls != null && !tls.isEstablished();
    }

    /** The client has waited for its wrong password long enough. */
    void endRefusal() {
        refusing = false;
        key.interestOps(SelectionKey.OP_WRITE);
    }

    /** The client took too long. */
    void timedOut(Phase phase) {
        if (phase != Phase.ENDING) {
            loop.metrics().connectionTimedOut();
            if (isShakingHands()) {
                handshakeFailed("it took too long");
            }
            LOG.log(Level.DEBUG, "connection of {0} timed out while {1}", name.remote(), phase);
        }
        kill();
    }

    /** Takes no more requests and ends when the replies under way are sent. */
    void drainAndClose() {
        if (ending) {
            return;
        }
        guarded(() -> {
            refusing = false;
            paused = false;
            if (session.isSuspended()) {
                session.closeAfterReplies(); // when the command under way is done
            } else {
                protocol.stopping();
                endOfInput();
            }
            updateInterest();
        });
    }

    /**
     * Ends in good order: the client gets all that was sent even if it is still sending itself. Closing a socket that
     * more input comes to resets the connection, and the reset throws away replies that are still on their way. So the
     * input of a client that has sent something lately is read and discarded until it has noticed, though not for long.
     */
    private void closeGracefully() throws IOException {
        if (tls != null) {
            tls.sayGoodbye();
        }
        channel.shutdownOutput();
        ending = true;
        discardInput();
        if (closed) {
            return;
        }
        if (!timeouts.receivedLately()) {
            kill();
            return;
        }
        key.interestOps(SelectionKey.OP_READ);
        timeouts.enter(Phase.ENDING);
    }

    private void discardInput() throws IOException {
        OutputChunk scratch = pool.take();
        try {
            int read = 1;
            for (int i = 0; i < MOST_DISCARDING_READS && read > 0; i++) {
                read = channel.read(scratch.view(0, scratch.capacity()));
            }
            if (read < 0) {
                kill();
            }
        } finally {
            scratch.release();
        }
    }

    @Override
    public void kill() {
        if (closed) {
            return;
        }
        if (!mailbox.isOwn()) {
            mailbox.execute(() -> guarded(this::kill)); // a client of another loop wants it
            return;
        }
        closed = true;
        try {
            timeouts.end();
            if (!away) {
                session.abandonCommand();
            }
            loop.close(session);
            intake = null;
            protocol.discard();
            early.release();
            output.discard();
        } finally {
            key.cancel();
            closeChannel();
        }
    }

    private void closeChannel() {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "closing the socket of {0} failed: {1}", name.remote(), e.getMessage());
        }
    }

    @Override
    public String remoteAddress() {
        return name.remote();
    }

    @Override
    public String localAddress() {
        return name.local();
    }

    @Override
    public boolean isUnixSocket() {
        return name.isUnix();
    }

    @Override
    public int inputBytes() {
        return input.available() + early.available();
    }

    @Override
    public int inputCapacity() {
        return input.capacity() + early.capacity();
    }

    @Override
    public int outputPieces() {
        return output.pieceCount();
    }

    @Override
    public long outputBufferedBytes() {
        return output.buffered();
    }
}
