package dev.penstock.server.replica;

import dev.penstock.server.resp.Reply;
import dev.penstock.server.session.ClientConnection;
import dev.penstock.server.session.ErrorText;
import dev.penstock.server.shard.WriteStep;
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
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The client that an entry's commands are executed for: it keeps what they reply, up to a length. The command of a
 * reply that is longer is executed all the same, since every replica has to; its client is told so. One thread at a
 * time.
 */
final class ReplyCollector implements ClientConnection, Wire, AutoCloseable {

    private static final String TOO_LONG = "-" + ErrorText.NO_MEMORY_FOR_REPLY + "\r\n";

    /** Of all replies to an entry. */
    private static final long MOST_BYTES = 64L << 20;

    /** Memory of a reply that is not collected yet at which it is. */
    private static final long MUCH_BUFFERED = 1 << 20;

    private final TransferContext transfers;
    private final OutputQueue output;
    private final Reply reply;
    private ByteArrayOutputStream collected = new ByteArrayOutputStream();
    private long left = MOST_BYTES;
    private boolean wanted;
    private boolean tooLong;

    ReplyCollector(ChunkPool pool, TransferCounts counts) {
        transfers = new TransferContext(pool, new TransferSettings(), Runnable::run);
        output = new OutputQueue(transfers, counts, () -> {});
        reply = new Reply(output);
    }

    Reply reply() {
        return reply;
    }

    /**
     * Begins with a part of an entry.
     *
     * @param earlier replies to the parts before
     */
    void beginPart(List<byte[]> earlier) {
        discard();
        left = MOST_BYTES - earlier.stream().mapToLong(bytes -> bytes.length).sum();
    }

    /**
     * Begins with the reply to a step.
     *
     * @param version of the protocol; {@link WriteStep#NO_REPLY} if nobody wants the reply
     */
    void beginReply(int version) {
        wanted = version != WriteStep.NO_REPLY;
        tooLong = false;
        reply.protocolVersion(wanted ? version : 2);
    }

    /** A command has replied. */
    void commandReplied() {
        if (output.buffered() >= MUCH_BUFFERED) {
            collect();
        }
    }

    private void collect() {
        try {
            boolean done = output.isEmpty();
            while (!done) {
                done = output.writeTo(this);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // declared by transfers; there are none, and this wire throws nothing
        }
    }

    /** The bytes of the reply to a step; empty if nobody wants it. */
    byte[] endReply() {
        collect();
        byte[] taken = tooLong ? TOO_LONG.getBytes(StandardCharsets.ISO_8859_1) : collected.toByteArray();
        collected.reset();
        left -= taken.length;
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
        tooLong |= wanted && collected.size() + copy.length > left;
        if (tooLong) {
            collected = new ByteArrayOutputStream();
        } else if (wanted) {
            collected.writeBytes(copy);
        }
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
