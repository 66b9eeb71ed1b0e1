package dev.penstock.server.replica;

import dev.penstock.server.resp.Reply;
import dev.penstock.server.session.ClientConnection;
import dev.penstock.server.transfer.ChunkPool;
import dev.penstock.server.transfer.OutputQueue;
import dev.penstock.server.transfer.TransferContext;
import dev.penstock.server.transfer.TransferCounts;
import dev.penstock.server.transfer.TransferSettings;
import dev.penstock.server.transfer.Wire;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;

/** The client that an entry's commands are executed for: it keeps what they reply. One thread at a time. */
final class ReplyCollector implements ClientConnection, Wire, AutoCloseable {

    private final TransferContext transfers;
    private final OutputQueue output;
    private final Reply reply;
    private ByteArrayOutputStream collected = new ByteArrayOutputStream();

    ReplyCollector(ChunkPool pool, TransferCounts counts) {
        transfers = new TransferContext(pool, new TransferSettings(), Runnable::run);
        output = new OutputQueue(transfers, counts, () -> {});
        reply = new Reply(output);
    }

    Reply reply() {
        return reply;
    }

    /** The bytes of all replies since this was last called. */
    byte[] take() {
        try {
            boolean done = output.isEmpty();
            while (!done) {
                done = output.writeTo(this);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // declared by transfers; there are none, and this wire throws nothing
        }
        byte[] taken = collected.toByteArray();
        collected.reset();
        return taken;
    }

    /** Drops what was replied. */
    void discard() {
        output.discard();
        collected = new ByteArrayOutputStream();
    }

    @Override
    public int write(ByteBuffer bytes, boolean more) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        collected.writeBytes(copy);
        return copy.length;
    }

    @Override
    public ByteChannel channel() {
        throw new UnsupportedOperationException("there is no socket");
    }

    @Override
    public boolean isPlain() {
        return false;
    }

    @Override
    public int descriptor() {
        return NO_DESCRIPTOR;
    }

    @Override
    public String remoteAddress() {
        return "the log";
    }

    @Override
    public String localAddress() {
        return "the log";
    }

    @Override
    public boolean isUnixSocket() {
        return false;
    }

    @Override
    public void kill() {
        // Nobody is connected.
    }

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
        return output.pieceCount();
    }

    @Override
    public long outputBufferedBytes() {
        return output.buffered();
    }

    @Override
    public void close() {
        output.discard();
        transfers.awaitReaders();
        transfers.close();
    }
}
