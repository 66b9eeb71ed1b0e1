package dev.penstock.bench.process;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A plain blocking client that sends one request at a time and reads what comes back, keeping as little of it as the
 * caller wants. It speaks as much of the Redis protocol and of HTTP as a GET needs. Not thread-safe.
 */
public final class BlockingClient implements AutoCloseable {

    private static final int BUFFER_SIZE = 256 * 1024;
    private static final String CONTENT_LENGTH = "content-length:";

    private final SocketChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_SIZE).flip();

    public BlockingClient(InetSocketAddress address) throws IOException {
        channel = SocketChannel.open(address);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }

    /** The bytes of a command in the Redis protocol. */
    public static ByteBuffer command(byte[]... arguments) {
        int length = 16;
        for (byte[] argument : arguments) {
            length += 16 + argument.length;
        }
        ByteBuffer request = ByteBuffer.allocate(length);
        request.put(ascii("*" + arguments.length + "\r\n"));
        for (byte[] argument : arguments) {
            request.put(ascii("$" + argument.length + "\r\n")).put(argument).put(ascii("\r\n"));
        }
        return request.flip();
    }

    public static ByteBuffer command(String... arguments) {
        byte[][] bytes = new byte[arguments.length][];
        for (int i = 0; i < arguments.length; i++) {
            bytes[i] = ascii(arguments[i]);
        }
        return command(bytes);
    }

    public static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Sends a command whose reply is one line, such as +OK or :1, and returns that line. */
    public String line(ByteBuffer request) throws IOException {
        send(request);
        String line = readLine();
        if (line.startsWith("-")) {
            throw new IOException(line);
        }
        return line;
    }

    /** Sends a SET with a value of any length, which is not copied. */
    public void store(String key, ByteBuffer value) throws IOException {
        send(ByteBuffer.wrap(
                ascii("*3\r\n$3\r\nSET\r\n$" + key.length() + "\r\n" + key + "\r\n$" + value.remaining() + "\r\n")));
        send(value);
        line(ByteBuffer.wrap(ascii("\r\n")));
    }

    /** Sends a GET and reads the value, whose bytes go into {@code sink}, or nowhere if that is null. */
    public long bulk(ByteBuffer request, @Nullable ByteBuffer sink) throws IOException {
        send(request);
        String head = readLine();
        if (!head.startsWith("$") || head.startsWith("$-")) {
            throw new IOException("expected a value, got " + head);
        }
        long length = Long.parseLong(head.substring(1));
        drain(length, sink);
        drain(2, null);
        return length;
    }

    /** Sends a PUT of HTTP with a body, which is not copied, and reads the response. */
    public void put(String key, ByteBuffer value) throws IOException {
        send(ByteBuffer.wrap(ascii(
                "PUT /" + key + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + value.remaining() + "\r\n\r\n")));
        send(value);
        String status = readLine();
        if (!status.startsWith("HTTP/1.1 201") && !status.startsWith("HTTP/1.1 204")) {
            throw new IOException(status);
        }
        drain(contentLength(), null);
    }

    /** Sends a GET of HTTP and reads the body, whose bytes go into {@code sink}, or nowhere if that is null. */
    public long body(ByteBuffer request, @Nullable ByteBuffer sink) throws IOException {
        send(request);
        String status = readLine();
        if (!status.startsWith("HTTP/1.1 200")) {
            throw new IOException(status);
        }
        long length = contentLength();
        drain(length, sink);
        return length;
    }

    /** Reads the fields of a head; returns the length of the body that follows. */
    private long contentLength() throws IOException {
        long length = 0;
        for (String line = readLine(); !line.isEmpty(); line = readLine()) {
            if (line.regionMatches(true, 0, CONTENT_LENGTH, 0, CONTENT_LENGTH.length())) {
                length = Long.parseLong(line.substring(CONTENT_LENGTH.length()).strip());
            }
        }
        return length;
    }

    /** Sends requests while it drops replies, until these end with the given bytes. */
    public void exchange(ByteBuffer requests, byte[] end) throws IOException {
        ByteBuffer rest = requests.duplicate();
        byte[] tail = new byte[end.length];
        channel.configureBlocking(false);
        try (Selector selector = Selector.open()) {
            SelectionKey key = channel.register(selector, SelectionKey.OP_READ | SelectionKey.OP_WRITE);
            while (rest.hasRemaining() || !Arrays.equals(tail, end)) {
                selector.select();
                if (rest.hasRemaining()) {
                    channel.write(rest);
                } else {
                    key.interestOps(SelectionKey.OP_READ);
                }
                buffer.clear();
                if (channel.read(buffer) < 0) {
                    throw new EOFException("the server closed the connection");
                }
                keepTail(buffer.flip(), tail);
            }
        } finally {
            buffer.clear().flip();
        }
        channel.configureBlocking(true);
    }

    /** Has {@code tail} hold the last bytes of all that was read so far. */
    private static void keepTail(ByteBuffer read, byte[] tail) {
        int count = Math.min(read.remaining(), tail.length);
        System.arraycopy(tail, count, tail, 0, tail.length - count);
        read.get(read.limit() - count, tail, tail.length - count, count);
    }

    private void send(ByteBuffer request) throws IOException {
        ByteBuffer rest = request.duplicate();
        while (rest.hasRemaining()) {
            channel.write(rest);
        }
    }

    private String readLine() throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            if (!buffer.hasRemaining()) {
                fill();
            }
            char c = (char) buffer.get();
            if (c == '\n') {
                return line.toString();
            }
            if (c != '\r') {
                line.append(c);
            }
        }
    }

    private void drain(long length, @Nullable ByteBuffer sink) throws IOException {
        long left = length;
        while (left > 0) {
            if (!buffer.hasRemaining()) {
                fill();
            }
            int taken = (int) Math.min(left, buffer.remaining());
            if (sink != null) {
                sink.put(buffer.duplicate().limit(buffer.position() + taken));
            }
            buffer.position(buffer.position() + taken);
            left -= taken;
        }
    }

    private void fill() throws IOException {
        buffer.clear();
        int count = channel.read(buffer);
        buffer.flip();
        if (count < 0) {
            throw new EOFException("the server closed the connection");
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
