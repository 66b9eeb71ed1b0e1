package dev.penstock.server.command;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.penstock.server.acl.User;
import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.RequestBuffer;
import dev.penstock.server.resp.RequestDecoder;
import dev.penstock.server.session.ClientConnection;
import dev.penstock.server.session.Dispatcher;
import dev.penstock.server.session.LoopContext;
import dev.penstock.server.session.Session;
import dev.penstock.server.transfer.OutputQueue;
import dev.penstock.server.transfer.TestWire;
import dev.penstock.server.transfer.TransferContext;
import dev.penstock.server.transfer.TransferCounts;
import dev.penstock.server.transfer.Wire;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;

/** A connection without a socket, which counts what its turns cost. */
final class TurnClient implements ClientConnection, AutoCloseable {

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    /** What turns cost. */
    static final class Cost {
        int turns;
        long mostSteps;
        long mostMillis;
        long steps; // of all turns
        long nanos;

        private void add(long turnSteps, long turnNanos) {
            turns++;
            steps += turnSteps;
            nanos += turnNanos;
            mostSteps = Math.max(mostSteps, turnSteps);
            mostMillis = Math.max(mostMillis, turnNanos / 1_000_000);
        }
    }

    private final LoopContext loop;
    private final Dispatcher dispatcher;
    private final OutputQueue output;
    private final Session session;
    private final RequestBuffer input;
    private final RequestDecoder decoder;

    TurnClient(LoopContext loop, Dispatcher dispatcher, TransferContext transfers) {
        this.loop = loop;
        this.dispatcher = dispatcher;
        this.output = new OutputQueue(transfers, new TransferCounts(), () -> {});
        loop.admit();
        this.session = loop.open(this, new Reply(output));
        this.input = new RequestBuffer(transfers.pool());
        this.decoder = new RequestDecoder(input, (request, index) -> false);
    }

    /** Makes the client a user, as AUTH does. */
    void authenticated(User user) {
        session.authenticated(user);
    }

    /** Executes requests, each of them in turns of its own; what the last one cost. */
    Cost run(byte[] requests) throws IOException {
        ReadableByteChannel channel = Channels.newChannel(new ByteArrayInputStream(requests));
        Cost cost = new Cost();
        boolean more = true;
        while (more) {
            more = input.readFrom(channel) > 0;
            while (decoder.next() == RequestDecoder.Outcome.REQUEST) {
                cost = new Cost();
                boolean done = false;
                while (!done) {
                    done = turn(cost, true);
                }
            }
        }
        return cost;
    }

    /** Executes requests, as many in a turn as fit one, as a connection does, for some time; what they cost. */
    Cost serve(byte[] requests, long nanos) throws IOException {
        long end = System.nanoTime() + nanos;
        ReadableByteChannel channel = Channels.newChannel(new ByteArrayInputStream(requests));
        Cost cost = new Cost();
        boolean more = true;
        while (more) {
            more = input.readFrom(channel) > 0;
            while (session.isSuspended() || decoder.next() == RequestDecoder.Outcome.REQUEST) {
                if (turn(cost, false)) {
                    output.discard();
                }
                if (System.nanoTime() - end > 0) {
                    return cost;
                }
            }
        }
        return cost;
    }

    /** Whether the command that it began with, or continued with, is done. */
    private boolean turn(Cost cost, boolean alone) {
        Runnable job = session.isSuspended() ? session.elsewhere() : null;
        if (job != null) {
            job.run();
        }
        dispatcher.beginRun();
        loop.turn().begin();
        long before = THREADS.getCurrentThreadCpuTime();
        boolean done = session.isSuspended()
                ? dispatcher.resume(session, decoder.request())
                : dispatcher.execute(session, decoder.request());
        if (done) {
            decoder.done();
        }
        while (done && !alone && !loop.turn().isOver() && decoder.next() == RequestDecoder.Outcome.REQUEST) {
            done = dispatcher.execute(session, decoder.request());
            if (done) {
                decoder.done();
            }
        }
        cost.add(loop.turn().spent(), THREADS.getCurrentThreadCpuTime() - before);
        return done;
    }

    /** Takes the replies so far. */
    String replies() throws IOException {
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        Wire wire = new TestWire(null, Channels.newChannel(sent), false);
        while (!output.writeTo(wire)) {
            assertFalse(output.isWaiting(), "the values are to be in memory");
        }
        return sent.toString(ISO_8859_1);
    }

    /** Drops the replies. */
    void forget() {
        output.discard();
    }

    @Override
    public void close() {
        session.abandonCommand();
        loop.close(session);
        decoder.discard();
        output.discard();
    }

    @Override
    public String remoteAddress() {
        return "1.2.3.4:5";
    }

    @Override
    public String localAddress() {
        return "1.2.3.4:6";
    }

    @Override
    public boolean isUnixSocket() {
        return false;
    }

    @Override
    public void kill() {}

    @Override
    public int inputBytes() {
        return 0;
    }

    @Override
    public int inputCapacity() {
        return 0;
    }

    @Override
    public int outputPieces() {
        return 0;
    }

    @Override
    public long outputBufferedBytes() {
        return 0;
    }
}
