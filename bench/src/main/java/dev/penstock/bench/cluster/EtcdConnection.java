package dev.penstock.bench.cluster;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A connection to etcd that speaks as much of gRPC as a put and a get need: HTTP/2 without TLS, one stream for each
 * request, headers without compression. Responses are told apart from refusals by their message, which a refusal lacks.
 *
 * <p>Requests are short, and etcd opens its window for more as it reads them, so that this side need not count. For one
 * thread.
 */
final class EtcdConnection implements AutoCloseable {

    /** A response without a message: etcd refused the request, or could not execute it. */
    static final class EtcdRefusedException extends IOException {

        private static final long serialVersionUID = 1;

        EtcdRefusedException(String message) {
            super(message);
        }
    }

    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    private static final String PUT = "/etcdserverpb.KV/Put";
    private static final String RANGE = "/etcdserverpb.KV/Range";

    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int GO_AWAY = 7;
    private static final int WINDOW_UPDATE = 8;
    private static final int ACK = 1;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int INITIAL_WINDOW_SIZE = 4;
    private static final int WINDOW = Integer.MAX_VALUE;
    private static final int FIRST_WINDOW = 65_535;
    private static final int GRPC_PREFIX = 5;
    private static final int MOST_FIELD = 127;

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
    private final DataOutputStream frames = new DataOutputStream(pending);
    private final String authority;
    private int lastStream = -1;
    private byte[] lastMessage = new byte[0];

    EtcdConnection(InetSocketAddress address) throws IOException {
        this(address, 0);
    }

    /** @param limitMillis how long a response may take; 0 for any time */
    EtcdConnection(InetSocketAddress address, int limitMillis) throws IOException {
        socket = new Socket(address.getAddress(), address.getPort());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(limitMillis);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        out = socket.getOutputStream();
        authority = "127.0.0.1:" + address.getPort();
        pending.writeBytes(ascii(PREFACE));
        frame(SETTINGS, 0, 0, settings());
        frames.flush();
        frameHead(Integer.BYTES, WINDOW_UPDATE, 0, 0);
        frames.writeInt(WINDOW - FIRST_WINDOW);
        flush();
    }

    private static byte[] settings() {
        return new byte[] {0, INITIAL_WINDOW_SIZE, 0x7f, (byte) 0xff, (byte) 0xff, (byte) 0xff};
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Puts one key. */
    void put(String key, String value) throws IOException {
        puts(List.of(key), value);
    }

    /** Puts keys, all under way at the same time. */
    void puts(List<String> keys, String value) throws IOException {
        for (String key : keys) {
            request(PUT, message(key, value));
        }
        await(keys.size());
    }

    /** Gets keys, all under way at the same time, each by a linearizable read. */
    void gets(List<String> keys) throws IOException {
        for (String key : keys) {
            request(RANGE, message(key, ""));
        }
        await(keys.size());
    }

    /** Returns the response to a get as text, in which the value can be found. */
    String get(String key) throws IOException {
        gets(List.of(key));
        return new String(lastMessage, StandardCharsets.ISO_8859_1);
    }

    /** The first field is the key, and the second one the value, which a get does not have. */
    private static byte[] message(String key, String value) {
        if (key.length() > MOST_FIELD || value.length() > MOST_FIELD) {
            throw new IllegalArgumentException("a field of more than " + MOST_FIELD + " bytes");
        }
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        message.write(0x0a);
        message.write(key.length());
        message.writeBytes(ascii(key));
        if (!value.isEmpty()) {
            message.write(0x12);
            message.write(value.length());
            message.writeBytes(ascii(value));
        }
        return message.toByteArray();
    }

    private void request(String path, byte[] message) throws IOException {
        lastStream += 2;
        frame(HEADERS, END_HEADERS, lastStream, headers(path));
        frameHead(GRPC_PREFIX + message.length, DATA, END_STREAM, lastStream);
        frames.writeByte(0);
        frames.writeInt(message.length);
        frames.write(message);
    }

    /** HPACK: two fields by their numbers, the others literally with names by number where there is one. */
    private byte[] headers(String path) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.write(0x83); // :method POST
        block.write(0x86); // :scheme http
        block.write(0x04); // :path
        literal(block, path);
        block.write(0x01); // :authority
        literal(block, authority);
        block.write(0x0f); // content-type
        block.write(0x10);
        literal(block, "application/grpc");
        block.write(0x00);
        literal(block, "te");
        literal(block, "trailers");
        return block.toByteArray();
    }

    private static void literal(ByteArrayOutputStream block, String text) {
        block.write(text.length());
        block.writeBytes(ascii(text));
    }

    private void frame(int type, int flags, int stream, byte[] payload) throws IOException {
        frameHead(payload.length, type, flags, stream);
        frames.write(payload);
    }

    private void frameHead(int length, int type, int flags, int stream) throws IOException {
        frames.writeByte(length >> 16);
        frames.writeShort(length);
        frames.writeByte(type);
        frames.writeByte(flags);
        frames.writeInt(stream);
    }

    private void flush() throws IOException {
        frames.flush();
        pending.writeTo(out);
        pending.reset();
    }

    private void await(int count) throws IOException {
        flush();
        int messages = 0;
        int ended = 0;
        while (ended < count) {
            int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            int flags = in.readUnsignedByte();
            in.readInt();
            byte[] payload = in.readNBytes(length);
            boolean isEnd = type == HEADERS && (flags & END_STREAM) != 0 || type == RST_STREAM;
            if (type == DATA && length > 0) {
                messages++;
                lastMessage = payload;
            } else if ((type == PING || type == SETTINGS) && (flags & ACK) == 0) {
                frame(type, ACK, 0, type == PING ? payload : new byte[0]);
                flush();
            } else if (type == GO_AWAY) {
                throw new IOException("etcd closes the connection");
            }
            if (isEnd) {
                ended++;
            }
        }
        if (messages < count) {
            throw new EtcdRefusedException("etcd refused a request");
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException gone) {
            // It is closed either way.
        }
    }
}
