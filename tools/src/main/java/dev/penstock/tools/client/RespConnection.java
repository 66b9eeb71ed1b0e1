package dev.penstock.tools.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * A connection that sends one request at a time and reads the whole reply (RESP2). A reply of more than 16 MiB, one
 * with deeper nesting than RESP2 servers send, and one that takes more than 10 seconds end the connection with an
 * error, so that whatever listens at the other end costs bounded time and memory.
 *
 * <p>A caller that sends several requests at once, or takes values of any length, uses {@link #send}, {@link #flush},
 * {@link #head} and {@link #bulk} instead of {@link #request}. One thread.
 */
public final class RespConnection implements AutoCloseable {

    private static final byte[] LINE_END = {'\r', '\n'};
    private static final int PATIENCE_MILLIS = 10_000;
    private static final int MAX_REPLY_LENGTH = 16 << 20;
    private static final int MAX_DEPTH = 8;
    /** What an element costs at least, so that a reply of many small ones is bounded too. */
    private static final int ELEMENT_COST = 16;

    private static final int PIECE_LENGTH = 64 << 10;

    private final ServerAccess access;
    private final SocketChannel channel;
    private final InputStream in;
    private final OutputStream out;
    private final ByteArrayOutputStream unsent = new ByteArrayOutputStream();
    private final byte[] piece = new byte[PIECE_LENGTH];
    private int budget;

    private RespConnection(ServerAccess access, SocketChannel channel) throws IOException {
        this.access = access;
        this.channel = channel;
        if (access.tls() != null) {
            SSLSocket socket = secure();
            in = new BufferedInputStream(socket.getInputStream());
            out = socket.getOutputStream();
        } else if (access.address().socket() != null) {
            in = new BufferedInputStream(Channels.newInputStream(channel));
            out = Channels.newOutputStream(channel);
        } else {
            Socket socket = channel.socket();
            socket.setSoTimeout(PATIENCE_MILLIS);
            in = new BufferedInputStream(socket.getInputStream());
            out = socket.getOutputStream();
        }
    }

    /**
     * Connects and authenticates.
     *
     * @throws RefusedException if the server does not accept the password
     * @throws IOException if there is no server, or it is none that speaks this protocol
     */
    public static RespConnection open(ServerAccess access) throws IOException {
        SocketChannel channel = access.connect();
        try {
            RespConnection connection = new RespConnection(access, channel);
            if (!access.authentication().isEmpty()) {
                connection.request(access.authentication().toArray(String[]::new));
            }
            return connection;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private SSLSocket secure() throws IOException {
        Socket plain = channel.socket();
        plain.setSoTimeout(PATIENCE_MILLIS);
        ServerAddress address = access.address();
        try {
            SSLSocket socket = (SSLSocket) Objects.requireNonNull(access.tls())
                    .getSocketFactory()
                    .createSocket(plain, address.host(), address.port(), true);
            if (access.nameChecked()) {
                SSLParameters parameters = socket.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                socket.setSSLParameters(parameters);
            }
            socket.startHandshake();
            return socket;
        } catch (SSLException e) {
            throw new IOException(address + ": TLS failed: " + e.getMessage(), e);
        }
    }

    /**
     * Sends a request and reads its reply.
     *
     * @throws RefusedException if the reply is an error
     * @throws IOException if the connection breaks, the server takes more than 10 seconds, or it sends no RESP2
     */
    public RespValue request(String... words) throws IOException {
        try {
            send(words);
            budget = MAX_REPLY_LENGTH;
            return read(0);
        } catch (SocketTimeoutException e) {
            throw new IOException(access.address() + ": no reply to " + words[0] + " within 10 seconds", e);
        } catch (RefusedException e) {
            throw e;
        } catch (IOException | UncheckedIOException e) {
            throw new IOException(access.address() + ": " + e.getMessage(), e);
        }
    }

    private void send(String... words) throws IOException {
        byte[][] bytes = new byte[words.length][];
        for (int i = 0; i < words.length; i++) {
            bytes[i] = words[i].getBytes(UTF_8);
        }
        send(bytes);
        flush();
    }

    /** Adds a request to those that {@link #flush} sends. */
    public void send(byte[]... words) {
        unsent.writeBytes(("*" + words.length + "\r\n").getBytes(UTF_8));
        for (byte[] word : words) {
            unsent.writeBytes(("$" + word.length + "\r\n").getBytes(UTF_8));
            unsent.writeBytes(word);
            unsent.writeBytes(LINE_END);
        }
    }

    /** Sends the requests that were added. */
    public void flush() throws IOException {
        byte[] requests = unsent.toByteArray();
        unsent.reset();
        try {
            out.write(requests);
            out.flush();
        } catch (IOException e) {
            throw about(e);
        }
    }

    /**
     * Reads the first line of the next reply, or of the next element of an array. A bulk string that is not null has to
     * be read by {@link #bulk} next.
     */
    public RespHead head() throws IOException {
        budget = MAX_REPLY_LENGTH;
        try {
            int kind = in.read();
            return switch (kind) {
                case -1 -> throw new IOException("the server closed the connection");
                case '+', '-' -> new RespHead((char) kind, line(), 0);
                case ':', '$', '*' -> new RespHead((char) kind, "", number());
                default -> throw notRedis(kind);
            };
        } catch (IOException e) {
            throw about(e);
        }
    }

    /**
     * Reads a bulk string, and passes it on piece by piece.
     *
     * @param length from its {@link #head}
     */
    public void bulk(long length, BulkSink sink) throws IOException {
        for (long left = length; left > 0; ) {
            int count = part(left);
            sink.accept(piece, 0, count);
            left -= count;
        }
        try {
            endBulk();
        } catch (IOException e) {
            throw about(e);
        }
    }

    /** Takes the bytes of a bulk string piece by piece. */
    @FunctionalInterface
    public interface BulkSink {

        /** Takes a part of an array, which may change when the call has returned. */
        void accept(byte[] bytes, int from, int length) throws IOException;
    }

    private int part(long left) throws IOException {
        try {
            int count = in.read(piece, 0, (int) Math.min(left, piece.length));
            if (count < 0) {
                throw new IOException("the server closed the connection in the middle of a reply");
            }
            return count;
        } catch (IOException e) {
            throw about(e);
        }
    }

    private void endBulk() throws IOException {
        if (in.read() != '\r' || in.read() != '\n') {
            throw new IOException("the server closed the connection in the middle of a reply");
        }
    }

    /** What to throw, with the server's address. */
    private IOException about(IOException e) {
        String problem = e instanceof SocketTimeoutException ? "no reply within 10 seconds" : e.getMessage();
        return new IOException(access.address() + ": " + problem, e);
    }

    private static IOException notRedis(int first) {
        return new IOException("this is no Redis server: its reply begins with byte " + first);
    }

    private RespValue read(int depth) throws IOException {
        spend(ELEMENT_COST);
        int type = in.read();
        if (type < 0) {
            throw new IOException("the server closed the connection");
        }
        return switch (type) {
            case '+' -> new RespValue.RespText(line());
            case '-' -> throw new RefusedException(line());
            case ':' -> new RespValue.Whole(number());
            case '$' -> bulk(number());
            case '*' -> items(number(), depth);
            default -> throw notRedis(type);
        };
    }

    private RespValue bulk(long length) throws IOException {
        if (length < 0) {
            return new RespValue.Missing();
        }
        spend(length);
        byte[] bytes = in.readNBytes((int) length);
        if (bytes.length < length) {
            throw new IOException("the server closed the connection in the middle of a reply");
        }
        endBulk();
        return new RespValue.RespText(new String(bytes, UTF_8));
    }

    private RespValue items(long count, int depth) throws IOException {
        if (count < 0) {
            return new RespValue.Missing();
        }
        if (depth == MAX_DEPTH) {
            throw new IOException("the reply is nested deeper than " + MAX_DEPTH);
        }
        List<RespValue> items = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            items.add(read(depth + 1));
        }
        return new RespValue.Items(items);
    }

    private long number() throws IOException {
        String line = line();
        try {
            return Long.parseLong(line);
        } catch (NumberFormatException e) {
            throw new IOException("the reply has '" + line + "' in place of a number", e);
        }
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\r'; next = in.read()) {
            if (next < 0) {
                throw new IOException("the server closed the connection in the middle of a reply");
            }
            spend(1);
            line.write(next);
        }
        if (in.read() != '\n') {
            throw new IOException("a line of the reply does not end in a line feed");
        }
        return line.toString(UTF_8);
    }

    private void spend(long bytes) throws IOException {
        if (bytes > budget) {
            throw new IOException("the reply is longer than " + MAX_REPLY_LENGTH + " bytes");
        }
        budget -= (int) bytes;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
