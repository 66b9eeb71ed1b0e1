package dev.penstock.tools.bench.load;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.tools.bench.load.RequestStream.Step;
import dev.penstock.tools.client.ServerAccess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.List;
import tlschannel.ClientTlsChannel;
import tlschannel.NeedsReadException;
import tlschannel.NeedsWriteException;

/**
 * One connection of a worker: the unanswered requests, in order, and the bytes of those that are not written yet. A
 * value that is longer than the buffer goes from the block of noise to the socket, so that a connection costs 16 KiB
 * however long values are. One thread.
 */
final class LoadConnection implements AutoCloseable {

    private static final int BUFFER_LENGTH = 16 << 10;
    private static final int MAX_INLINE_VALUE = 8 << 10;
    private static final byte[] CRLF = {'\r', '\n'};
    private static final int KEY_DIGITS = 13;
    /** Values begin at any of so many places in the first half of the noise. */
    private static final int NOISE_MASK = Noise.LENGTH / 2 - 1;

    private static final int MAX_REQUEST_HEAD = 128 + LoadPlan.MAX_PREFIX_LENGTH;
    private static final byte[] GET = "*2\r\n$3\r\nGET\r\n".getBytes(US_ASCII);
    private static final byte[] SET = "*3\r\n$3\r\nSET\r\n".getBytes(US_ASCII);

    private final SocketChannel socket;
    private final ByteChannel channel;
    private final boolean secure;
    private final SelectionKey selection;
    private final ReplyParser parser = new ReplyParser();
    private final ByteBuffer out = ByteBuffer.allocateDirect(BUFFER_LENGTH);
    private final byte[] keyHead;
    private final ByteBuffer noise;

    /** What is left of a value that is written from the block of noise; its line end follows. */
    private long valueRemaining;

    private boolean inValue;
    private boolean wantsWrite;
    /** Whether TLS must read before it can write. */
    private boolean handshaking;

    /** Most requests on their way; at most the length of the rings. */
    private int depth;

    private final Step[] steps;
    private final long[] keys;
    private final long[] dues;
    private int first;
    private int outstanding;

    /** Second halves of read-modify-writes that did not fit when the first was answered; a ring of key, due, length. */
    private final long[] deferred;

    private int deferredFirst;
    private int deferredCount;

    /** Whether the worker has this connection in its queue of those that accept a request. */
    boolean queued;

    private LoadConnection(
            SocketChannel socket,
            ByteChannel channel,
            boolean secure,
            Selector selector,
            int capacity,
            String keyPrefix,
            ByteBuffer noise)
            throws IOException {
        this.socket = socket;
        this.channel = channel;
        this.secure = secure;
        socket.configureBlocking(false);
        this.selection = socket.register(selector, SelectionKey.OP_READ, this);
        byte[] prefix = keyPrefix.getBytes(US_ASCII);
        this.keyHead = ("$" + (prefix.length + KEY_DIGITS) + "\r\n" + keyPrefix).getBytes(US_ASCII);
        this.noise = noise.duplicate();
        this.steps = new Step[capacity];
        this.keys = new long[capacity];
        this.dues = new long[capacity];
        this.deferred = new long[3 * capacity];
        this.depth = capacity;
    }

    /**
     * Connects. TLS and authentication happen in the event loop.
     *
     * @param capacity most requests that can be on their way
     */
    static LoadConnection open(ServerAccess access, Selector selector, int capacity, String keyPrefix, ByteBuffer noise)
            throws IOException {
        SocketChannel socket = access.connect();
        try {
            ByteChannel channel = access.tls() == null
                    ? socket
                    : ClientTlsChannel.newBuilder(socket, access.engine()).build();
            return new LoadConnection(socket, channel, access.tls() != null, selector, capacity, keyPrefix, noise);
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /** Most requests on their way from now on, at most the capacity. */
    void limit(int requests) {
        depth = requests;
    }

    /** Whether a request can be put onto this connection now. */
    boolean accepts() {
        return outstanding + deferredCount < depth && deferredCount == 0 && hasRoom();
    }

    private boolean hasRoom() {
        return !inValue && out.remaining() >= MAX_REQUEST_HEAD;
    }

    boolean isIdle() {
        return outstanding + deferredCount == 0;
    }

    /** Puts a request of any words onto the connection; for the few before the first phase. */
    void send(List<String> words, long due) {
        out.put(("*" + words.size() + "\r\n").getBytes(UTF_8));
        for (String word : words) {
            byte[] bytes = word.getBytes(UTF_8);
            out.put(("$" + bytes.length + "\r\n").getBytes(UTF_8)).put(bytes).put(CRLF);
        }
        expect(Step.HANDSHAKE, 0, due);
    }

    void get(Step step, long key, long due) {
        out.put(GET);
        putKey(key);
        expect(step, key, due);
    }

    /** @param length of the value, in bytes */
    void set(Step step, long key, long due, long length) {
        out.put(SET);
        putKey(key);
        out.put((byte) '$');
        putDecimal(length);
        out.put(CRLF);
        noise.clear().position((int) (key * 31 & NOISE_MASK));
        if (length <= MAX_INLINE_VALUE && out.remaining() >= length + CRLF.length) {
            // The block of noise is longer than what is left behind any starting place.
            out.put(noise.limit(noise.position() + (int) length)).put(CRLF);
        } else {
            valueRemaining = length;
            inValue = true;
        }
        expect(step, key, due);
    }

    /** The second half of a read-modify-write, at once or as soon as there is room. */
    void follow(long key, long due, long length) {
        if (deferredCount == 0 && hasRoom()) {
            set(Step.MODIFY_WRITE, key, due, length);
            return;
        }
        int at = 3 * ((deferredFirst + deferredCount++) % steps.length);
        deferred[at] = key;
        deferred[at + 1] = due;
        deferred[at + 2] = length;
    }

    private void putDeferred() {
        while (deferredCount > 0 && hasRoom()) {
            int at = 3 * deferredFirst;
            deferredFirst = (deferredFirst + 1) % steps.length;
            deferredCount--;
            set(Step.MODIFY_WRITE, deferred[at], deferred[at + 1], deferred[at + 2]);
        }
    }

    private void expect(Step step, long key, long due) {
        int at = (first + outstanding++) % steps.length;
        steps[at] = step;
        keys[at] = key;
        dues[at] = due;
    }

    private void putKey(long key) {
        out.put(keyHead);
        long rest = key;
        int end = out.position() + KEY_DIGITS;
        for (int at = end - 1; at >= end - KEY_DIGITS; at--) {
            out.put(at, (byte) ('0' + rest % 10));
            rest /= 10;
        }
        out.position(end).put(CRLF);
    }

    private void putDecimal(long number) {
        int digits = 1;
        for (long rest = number / 10; rest > 0; rest /= 10) {
            digits++;
        }
        int end = out.position() + digits;
        long rest = number;
        for (int at = end - 1; at >= end - digits; at--) {
            out.put(at, (byte) ('0' + rest % 10));
            rest /= 10;
        }
        out.position(end);
    }

    /** Writes what the socket takes, and asks the selector about the rest. */
    void write() throws IOException {
        handshaking = false;
        boolean waits = !writeAll() && !handshaking;
        if (waits != wantsWrite) {
            wantsWrite = waits;
            selection.interestOps(SelectionKey.OP_READ | (waits ? SelectionKey.OP_WRITE : 0));
        }
    }

    private boolean writeAll() throws IOException {
        while (true) {
            out.flip();
            boolean drained = writeFrom(out);
            out.compact();
            if (!drained) {
                return false;
            }
            if (inValue) {
                if (!writeValue()) {
                    return false;
                }
                inValue = false;
                out.put(CRLF);
            }
            putDeferred();
            if (out.position() == 0 && !inValue) {
                return true;
            }
        }
    }

    private boolean writeValue() throws IOException {
        while (valueRemaining > 0) {
            if (noise.position() == noise.capacity()) {
                noise.position(0);
            }
            int length = (int) Math.min(valueRemaining, noise.capacity() - noise.position());
            noise.limit(noise.position() + length);
            boolean drained = writeFrom(noise);
            valueRemaining -= length - noise.remaining();
            noise.limit(noise.capacity());
            if (!drained) {
                return false;
            }
        }
        return true;
    }

    private boolean writeFrom(ByteBuffer bytes) throws IOException {
        try {
            while (bytes.hasRemaining()) {
                if (channel.write(bytes) == 0) {
                    return false;
                }
            }
            return true;
        } catch (NeedsWriteException e) {
            return false;
        } catch (NeedsReadException e) {
            handshaking = true;
            return false;
        }
    }

    /**
     * Reads what has arrived and hands each whole reply on.
     *
     * @param buffer for this call alone
     * @throws IOException if the connection broke or the server sent something that is no reply to the requests
     */
    void read(ByteBuffer buffer, RequestStream stream, LoadClock clock) throws IOException {
        int read;
        do {
            buffer.clear();
            try {
                read = channel.read(buffer);
            } catch (NeedsReadException | NeedsWriteException e) {
                break;
            }
            if (read < 0) {
                throw new IOException("the server closed a connection");
            }
            long now = clock.now();
            buffer.flip();
            while (parser.next(buffer)) {
                reply(stream, now);
            }
            // TLS may hold decrypted bytes back that the selector knows nothing of.
        } while (secure && read > 0);
        if (out.position() > 0 || inValue || deferredCount > 0) {
            write();
        }
    }

    private void reply(RequestStream stream, long now) throws IOException {
        if (outstanding == 0) {
            throw new IOException("the server sent a reply to no request");
        }
        int at = first;
        first = (first + 1) % steps.length;
        outstanding--;
        stream.replied(this, steps[at], keys[at], dues[at], parser, now);
    }

    /** Tells the stream of every request that is still unanswered. */
    void giveUp(RequestStream stream, long now) {
        for (int i = 0; i < outstanding; i++) {
            int at = (first + i) % steps.length;
            stream.unanswered(steps[at], dues[at], now);
        }
        for (int i = 0; i < deferredCount; i++) {
            stream.unanswered(Step.MODIFY_WRITE, deferred[3 * ((deferredFirst + i) % steps.length) + 1], now);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
