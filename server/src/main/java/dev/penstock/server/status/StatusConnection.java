package dev.penstock.server.status;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One request to the status port and its answer, after which the connection ends. Request and answer together have
 * {@link #MOST_MILLIS}. The status server's thread only.
 */
final class StatusConnection {

    private static final Logger LOG = System.getLogger(StatusConnection.class.getName());

    /** Of a request's head. */
    static final int MOST_BYTES = 8192;

    private static final int DROPS_PER_TURN = 16;
    private static final long MOST_MILLIS = 10_000;
    private static final long LATE_MILLIS = 1000;
    private static final long LAST_WORDS_MILLIS = 1000;

    private final SocketChannel channel;
    private final SelectionKey key;
    private final StatusPages pages;
    private final StatusClient client;
    private long deadlineMillis;
    private long sendAtMillis;
    private ByteBuffer input = ByteBuffer.allocate(MOST_BYTES);
    private @Nullable ByteBuffer output; // null while the request is not whole
    private boolean ending;

    StatusConnection(SocketChannel channel, SelectionKey key, StatusPages pages, StatusClient client, long nowMillis) {
        this.channel = channel;
        this.key = key;
        this.pages = pages;
        this.client = client;
        this.sendAtMillis = nowMillis;
        this.deadlineMillis = nowMillis + MOST_MILLIS;
    }

    /** Whether the request is not whole yet. */
    boolean isReceiving() {
        return output == null;
    }

    /** Whether the answer was held back until now. */
    boolean isDue(long nowMillis) {
        return !ending && output != null && key.interestOps() == 0 && nowMillis >= sendAtMillis;
    }

    boolean isOverdue(long nowMillis) {
        return nowMillis >= deadlineMillis;
    }

    boolean isClosed() {
        return !channel.isOpen();
    }

    /** Goes on as far as the socket allows. */
    void turn(long nowMillis) throws IOException {
        if (ending) {
            dropInput();
            return;
        }
        ByteBuffer answer = output != null ? output : receive(nowMillis);
        if (answer == null || nowMillis < sendAtMillis) {
            return;
        }
        channel.write(answer);
        if (answer.hasRemaining()) {
            key.interestOps(SelectionKey.OP_WRITE);
            return;
        }
        // Closing a socket that more input comes to resets the connection, which may cost the client its answer.
        channel.shutdownOutput();
        ending = true;
        deadlineMillis = Math.min(deadlineMillis, nowMillis + LAST_WORDS_MILLIS);
        key.interestOps(SelectionKey.OP_READ);
        dropInput();
    }

    /** Reads; returns the answer to send, null if there is none yet. */
    private @Nullable ByteBuffer receive(long nowMillis) throws IOException {
        int read = channel.read(input);
        String head = new String(input.array(), 0, input.position(), StandardCharsets.ISO_8859_1);
        int end = StatusRequest.end(head);
        if (end < 0 && read >= 0 && input.hasRemaining()) {
            return null;
        }
        if (end < 0 && read < 0) {
            close();
            return null;
        }
        StatusAnswer whole = end < 0 ? pages.tooLong() : pages.answer(StatusRequest.of(head.substring(0, end)), client);
        if (whole.isLate()) {
            sendAtMillis = nowMillis + LATE_MILLIS;
            key.interestOps(0); // what else comes waits in the socket
        }
        ByteBuffer answer = ByteBuffer.wrap(whole.bytes());
        output = answer;
        input.clear();
        return answer;
    }

    /** Reads only a part of it: a client that sends without end would keep all others waiting. */
    private void dropInput() throws IOException {
        int read = 1;
        for (int i = 0; read > 0 && i < DROPS_PER_TURN; i++) {
            input.clear();
            read = channel.read(input);
        }
        if (read < 0) {
            close();
        }
    }

    void close() {
        key.cancel();
        try {
            channel.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "closing a socket failed: {0}", e.getMessage());
        }
    }
}
