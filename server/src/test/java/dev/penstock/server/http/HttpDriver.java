package dev.penstock.server.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.penstock.server.acl.Users;
import dev.penstock.server.command.Commands;
import dev.penstock.server.config.Settings;
import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.RequestBuffer;
import dev.penstock.server.session.ClientConnection;
import dev.penstock.server.session.LoopContext;
import dev.penstock.server.session.Protocol;
import dev.penstock.server.session.ServerContext;
import dev.penstock.server.session.Session;
import dev.penstock.server.shard.Router;
import dev.penstock.server.transfer.ChunkPool;
import dev.penstock.server.transfer.Intake;
import dev.penstock.server.transfer.OutputQueue;
import dev.penstock.server.transfer.TestWire;
import dev.penstock.server.transfer.TransferContext;
import dev.penstock.server.transfer.TransferCounts;
import dev.penstock.server.transfer.TransferSettings;
import dev.penstock.store.Store;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.util.List;
import java.util.Map;

/** Drives the protocol of one client turn by turn, as a connection does, without a socket. */
final class HttpDriver implements ClientConnection, AutoCloseable {

    private final TransferContext transfers =
            new TransferContext(new ChunkPool(), new TransferSettings(), Runnable::run);
    private final LoopContext loop;
    private final HttpService service;
    private OutputQueue output;
    private RequestBuffer input;
    private Session session;
    private Protocol protocol;
    private Intake intake; // null unless what arrives is part of a large body
    private long mostSteps;
    private int turns;

    HttpDriver(Store store) {
        this(store, Users.ofDefault(null));
    }

    HttpDriver(Store store, Users users) {
        loop = new LoopContext(
                new ServerContext(store, new Settings(0, Map.of()), users, Router.STANDALONE, null, () -> {}));
        service = new HttpService(
                loop, transfers.pool(), Commands.dispatcher(loop), new HttpOptions("", List.of("localhost")));
        connect();
    }

    private void connect() {
        loop.admit();
        output = new OutputQueue(transfers, new TransferCounts(), () -> {});
        input = new RequestBuffer(transfers.pool());
        session = loop.open(this, new Reply(output));
        protocol = service.protocol(session, input, output);
    }

    /** The same as a new client. */
    void reconnect() {
        disconnect();
        connect();
    }

    private void disconnect() {
        intake = null;
        session.abandonCommand();
        loop.close(session);
        protocol.discard();
        output.discard();
    }

    /** The most steps that a turn took so far. */
    long mostSteps() {
        return mostSteps;
    }

    int turns() {
        return turns;
    }

    /** Memory of the pool that holds what the client sends, in bytes. */
    int held() {
        return input.capacity();
    }

    /** Memory that is held for the client, in bytes. */
    long bytesOnLoan() {
        return transfers.pool().bytesOnLoan();
    }

    boolean isMidRequest() {
        return protocol.isMidRequest();
    }

    /** Has bytes arrive, and executes nothing yet. */
    void arrive(byte[] bytes) throws IOException {
        ReadableByteChannel channel = Channels.newChannel(new ByteArrayInputStream(bytes));
        TestWire wire = new TestWire(channel, null, false);
        for (int left = bytes.length; left > 0; ) {
            left -= intake == null ? input.readFrom(channel) : intake.readFrom(wire, left, transfers);
            if (intake != null && intake.isComplete()) {
                intake = null;
            }
        }
    }

    /** Executes what has arrived. */
    void serve() {
        boolean waiting = intake != null;
        while (!waiting) {
            protocol.beginRun();
            loop.turn().begin();
            waiting = turn();
            turns++;
            mostSteps = Math.max(mostSteps, loop.turn().spent());
        }
        if (session.isClosing()) {
            protocol.discard();
        }
    }

    /** Whether there is nothing to do before more arrives. */
    private boolean turn() {
        if (session.isSuspended()) {
            Runnable job = session.elsewhere();
            if (job != null) {
                job.run();
            }
            if (!protocol.resume()) {
                return false;
            }
            protocol.done();
        }
        while (!session.isClosing() && !loop.turn().isOver()) {
            switch (protocol.next()) {
                case MORE -> {
                    return true;
                }
                case DONE -> protocol.done();
                case PART -> {}
                case UNFINISHED -> {
                    return false;
                }
                case BROKEN -> session.closeAfterReplies();
                case INTAKE -> {
                    intake = protocol.intake();
                    return true;
                }
            }
        }
        return session.isClosing();
    }

    boolean isClosing() {
        return session.isClosing();
    }

    /** Takes the responses so far. */
    String responses() throws IOException {
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        TestWire wire = new TestWire(null, Channels.newChannel(sent), false);
        while (!output.writeTo(wire)) {
            // until all is sent
        }
        return sent.toString(ISO_8859_1);
    }

    @Override
    public void close() {
        disconnect();
        transfers.awaitReaders();
        transfers.close();
    }

    @Override
    public String remoteAddress() {
        return "127.0.0.1:1";
    }

    @Override
    public String localAddress() {
        return "127.0.0.1:2";
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
