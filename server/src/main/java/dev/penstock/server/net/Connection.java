package dev.penstock.server.net;

import dev.penstock.server.command.Dispatcher;
import dev.penstock.server.command.Link;
import dev.penstock.server.command.Node;
import dev.penstock.server.command.Session;
import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.RequestBuffer;
import dev.penstock.server.resp.RequestDecoder;
import dev.penstock.server.transfer.Chunk;
import dev.penstock.server.transfer.ChunkPool;
import dev.penstock.server.transfer.OutputQueue;
import dev.penstock.server.transfer.Upload;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/**
 * One client's socket with its input, its output and its session. A turn sends what is left of earlier replies, reads
 * once, executes what has arrived and sends the replies of all of it together.
 *
 * <p>Back-pressure: while more than {@link #PAUSE_BYTES} wait to be sent, nothing more is executed and nothing more is
 * read, so a client that does not take its replies fills its own socket and stops. What was received and not executed
 * stays where it is until the output has drained.
 *
 * <p>Event-loop thread only.
 */
final class Connection implements Link {

    /** Unsent bytes at which a client's further requests have to wait. */
    static final int PAUSE_BYTES = 256 * 1024;

    private static final Logger LOG = System.getLogger(Connection.class.getName());
    private static final int UPLOAD_TURN_BYTES = 256 * 1024;
    private static final int LAST_READS = 16;

    private final SocketChannel channel;
    private final SelectionKey key;
    private final Node node;
    private final Dispatcher dispatcher;
    private final ChunkPool pool;
    private final String remoteAddress;
    private final String localAddress;
    private final OutputQueue output;
    private final RequestBuffer input;
    private final RequestDecoder decoder;
    private final Session session;
    private Upload upload;
    private boolean paused;
    private boolean closed;

    /** @param key the channel's registration, for reading */
    Connection(SocketChannel channel, SelectionKey key, Node node, Dispatcher dispatcher, ChunkPool pool)
            throws IOException {
        this.channel = channel;
        this.key = key;
        this.node = node;
        this.dispatcher = dispatcher;
        this.pool = pool;
        this.remoteAddress = text(channel.getRemoteAddress());
        this.localAddress = text(channel.getLocalAddress());
        this.output = new OutputQueue(pool);
        this.input = new RequestBuffer(pool);
        this.decoder = new RequestDecoder(input, dispatcher::streams);
        this.session = node.open(this, new Reply(output));
    }

    /** One turn. Whatever goes wrong is this connection's end and nobody else's. */
    void ready() {
        try {
            boolean readable = key.isReadable();
            boolean drained = send();
            if (paused && output.pending() < PAUSE_BYTES) {
                serve();
            }
            if (readable && !paused && !session.isClosing()) {
                receive();
            }
            if (drained) {
                send();
            }
            settle();
        } catch (IOException e) {
            kill();
            LOG.log(Level.DEBUG, "connection of {0} broke: {1}", remoteAddress, e.getMessage());
        } catch (RuntimeException | Error e) {
            kill();
            LOG.log(Level.ERROR, "closed the connection of " + remoteAddress, e);
        }
    }

    private boolean send() throws IOException {
        if (output.isEmpty()) {
            return true;
        }
        long before = output.pending();
        try {
            return output.writeTo(channel);
        } finally {
            node.statistics().sent(before - output.pending());
        }
    }

    private void receive() throws IOException {
        int read = upload != null ? upload.readFrom(channel, UPLOAD_TURN_BYTES, pool) : input.readFrom(channel);
        if (read < 0) {
            endOfInput();
            return;
        }
        node.statistics().received(read);
        if (upload == null) {
            serve();
        } else if (upload.remaining() == 0) {
            upload = null;
            serve();
        }
    }

    /** The client sends no more; what it asked for before is still answered. */
    private void endOfInput() {
        upload = null;
        decoder.discard();
        session.closeAfterReplies();
    }

    /** Executes what has arrived, until more is needed or the client has to take its replies first. */
    private void serve() {
        paused = false;
        while (!session.isClosing()) {
            if (output.pending() >= PAUSE_BYTES) {
                paused = true;
                return;
            }
            switch (decoder.next()) {
                case MORE -> {
                    return;
                }
                case REQUEST -> {
                    dispatcher.execute(session, decoder.request());
                    decoder.done();
                }
                case LARGE_ARGUMENT -> {
                    beginUpload();
                    return;
                }
                case ERROR -> {
                    session.reply().error("ERR " + decoder.error());
                    session.closeAfterReplies();
                }
            }
        }
        decoder.discard();
    }

    private void beginUpload() {
        upload = dispatcher.beginUpload(decoder.request(), decoder.announcedLength());
        decoder.stream(upload);
    }

    /** Asks to be woken for what can happen next, or ends. */
    private void settle() throws IOException {
        if (closed) {
            return;
        }
        if (session.isClosing() && output.isEmpty()) {
            close();
            return;
        }
        int reading = paused || session.isClosing() ? 0 : SelectionKey.OP_READ;
        int writing = paused || !output.isEmpty() ? SelectionKey.OP_WRITE : 0;
        if (key.interestOps() != (reading | writing)) {
            key.interestOps(reading | writing);
        }
    }

    /** Takes no more requests and ends when the replies under way are sent. */
    void finish() {
        try {
            endOfInput();
            settle();
        } catch (IOException e) {
            kill();
        }
    }

    /** Ends in good order: the client gets all that was sent even if it is still sending itself. */
    private void close() throws IOException {
        channel.shutdownOutput();
        Chunk scratch = pool.take();
        try {
            // Closing a socket with unread input resets the connection, and the reset may overtake the last reply.
            int reads = 0;
            while (reads < LAST_READS && channel.read(scratch.view(0, scratch.capacity())) > 0) {
                reads++;
            }
        } finally {
            scratch.release();
        }
        kill();
    }

    @Override
    public void kill() {
        if (closed) {
            return;
        }
        closed = true;
        node.close(session);
        upload = null;
        decoder.discard();
        output.discard();
        key.cancel();
        try {
            channel.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "closing the socket of {0} failed: {1}", remoteAddress, e.getMessage());
        }
    }

    @Override
    public String remoteAddress() {
        return remoteAddress;
    }

    @Override
    public String localAddress() {
        return localAddress;
    }

    @Override
    public int inputBytes() {
        return input.available();
    }

    @Override
    public int inputCapacity() {
        return input.capacity();
    }

    @Override
    public int outputPieces() {
        return output.pieceCount();
    }

    @Override
    public long outputBufferedBytes() {
        return output.buffered();
    }

    private static String text(SocketAddress socketAddress) {
        InetSocketAddress address = (InetSocketAddress) socketAddress;
        InetAddress host = address.getAddress();
        String shown = host.getHostAddress();
        return (host instanceof Inet6Address ? "[" + shown + "]" : shown) + ":" + address.getPort();
    }
}
