package dev.penstock.server.net;

import dev.penstock.server.transfer.Wire;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import tlschannel.HeapBufferAllocator;
import tlschannel.NeedsReadException;
import tlschannel.NeedsTaskException;
import tlschannel.NeedsWriteException;
import tlschannel.ServerTlsChannel;
import tlschannel.TlsChannel;

/**
 * A socket with TLS 1.3, as a plain non-blocking channel: a call that cannot proceed moves no bytes. {@link #hasInput}
 * and {@link #isFlushed} report what a selector cannot know. The handshake happens during reads; another thread does
 * its arithmetic, which takes milliseconds, and until then the channel moves nothing.
 *
 * <p>All bytes pass through a scratch buffer on the heap. The caller's may lie in a mapped file, where a cipher's
 * intrinsics must not be let: on a page that cannot be supplied they end the JVM, where a copy throws.
 *
 * <p>Event-loop thread only.
 */
final class TlsWire implements ByteChannel, Wire {

    /** Most bytes of one record. */
    private static final int RECORD_LENGTH = 16 * 1024;

    private static final String[] PROTOCOLS = {"TLSv1.3"};
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final SocketChannel socket;
    private final EncryptedInput encrypted;
    private final TlsChannel tls;
    private final ByteBuffer scratch;
    private final Consumer<Runnable> elsewhere;
    private boolean established;
    private boolean working;
    private boolean inputLeft;
    private boolean outputLeft;

    /**
     * @param scratch at least a record long; used only while a method runs
     * @param elsewhere runs a task on another thread, and then {@link #workDone} and the connection's turn on this one
     */
    TlsWire(SocketChannel socket, SSLContext identity, ByteBuffer scratch, Consumer<Runnable> elsewhere) {
        this.socket = socket;
        this.scratch = scratch;
        this.elsewhere = elsewhere;
        this.encrypted = new EncryptedInput(socket);
        this.tls = ServerTlsChannel.newBuilder(encrypted, identity)
                .withEngineFactory(context -> {
                    var engine = context.createSSLEngine();
                    engine.setUseClientMode(false);
                    engine.setEnabledProtocols(PROTOCOLS);
                    return engine;
                })
                .withRunTasks(false)
                .withSessionInitCallback(session -> established = true)
                .withEncryptedBufferAllocator(new HeapBufferAllocator())
                .build();
    }

    /** Whether the handshake is done. */
    boolean isEstablished() {
        return established;
    }

    /** Whether it may hold input that the selector does not report. */
    boolean hasInput() {
        return inputLeft && !working;
    }

    /** Whether the socket has taken all that was written. */
    boolean isFlushed() {
        return !outputLeft;
    }

    /** Whether a task is under way, so that nothing can be moved. */
    boolean isWorking() {
        return working;
    }

    void workDone() {
        working = false;
        inputLeft = true;
    }

    @Override
    public ByteChannel channel() {
        return this;
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
    public int read(ByteBuffer target) throws IOException {
        inputLeft = false;
        encrypted.beginTurn();
        int total = 0;
        while (!working && target.hasRemaining()) {
            scratch.clear().limit(Math.min(RECORD_LENGTH, target.remaining()));
            int read;
            try {
                read = tls.read(scratch);
            } catch (NeedsReadException e) {
                inputLeft = encrypted.isHeldBack();
                return total;
            } catch (NeedsWriteException e) {
                outputLeft = true;
                return total;
            } catch (NeedsTaskException e) {
                begin(e.getTask());
                return total;
            }
            if (read < 0) {
                inputLeft = total > 0; // the end is told by the next call
                return total > 0 ? total : -1;
            }
            encrypted.brought(read);
            target.put(scratch.flip());
            total += read;
        }
        inputLeft = true;
        return total;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        int total = 0;
        while (source.hasRemaining() && !working) {
            int length = Math.min(RECORD_LENGTH, source.remaining());
            scratch.clear().limit(length).put(0, source, source.position(), length);
            boolean taken = encrypt(scratch);
            source.position(source.position() + scratch.position());
            total += scratch.position();
            if (!taken) {
                return total;
            }
        }
        return total;
    }

    /** Sends what is encrypted already. */
    void flush() throws IOException {
        if (!working) {
            encrypt(NOTHING);
        }
    }

    /** Whether the socket took all of it; what is beyond the buffer's position it has not begun with. */
    private boolean encrypt(ByteBuffer bytes) throws IOException {
        outputLeft = false;
        try {
            tls.write(bytes);
            return true;
        } catch (NeedsWriteException e) {
            outputLeft = true;
        } catch (NeedsReadException e) {
            return false; // in the middle of the handshake; reading goes on with it
        } catch (NeedsTaskException e) {
            begin(e.getTask());
        }
        return false;
    }

    private void begin(Runnable task) {
        working = true;
        elsewhere.accept(task);
    }

    /**
     * Sends the close alert, so that the client can distinguish the end from a lost connection, if the socket accepts
     * it at once.
     */
    void sayGoodbye() throws IOException {
        try {
            tls.shutdown();
        } catch (NeedsReadException | NeedsWriteException | NeedsTaskException e) {
            return; // it does not; the client sees the connection end
        }
    }

    @Override
    public boolean isOpen() {
        return socket.isOpen();
    }

    /** Closes without a close_notify. */
    @Override
    public void close() throws IOException {
        socket.close();
    }
}
