package dev.penstock.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;

/** A client that shows replies as the bytes they are, one byte a character. */
public final class RespClient implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 20_000;

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;

    public RespClient(int port) throws IOException {
        this(new Socket(InetAddress.getLoopbackAddress(), port));
    }

    /** Over a connection that is there. */
    public RespClient(Socket connected) throws IOException {
        socket = connected;
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16));
        out = socket.getOutputStream();
    }

    /** Sends a command and returns its whole reply, line ends and all. */
    public String call(String... words) throws IOException {
        send(words);
        return reply();
    }

    public void send(String... words) throws IOException {
        out.write(encoded(words));
    }

    public void sendRaw(String bytes) throws IOException {
        out.write(bytes.getBytes(ISO_8859_1));
    }

    public static byte[] encoded(String... words) {
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes(("*" + words.length + "\r\n").getBytes(ISO_8859_1));
        for (String word : words) {
            request.writeBytes(("$" + word.length() + "\r\n").getBytes(ISO_8859_1));
            request.writeBytes(word.getBytes(ISO_8859_1));
            request.writeBytes("\r\n".getBytes(ISO_8859_1));
        }
        return request.toByteArray();
    }

    /** One reply, with all that is in it. */
    public String reply() throws IOException {
        StringBuilder reply = new StringBuilder();
        read(reply);
        return reply.toString();
    }

    private void read(StringBuilder reply) throws IOException {
        String line = line();
        reply.append(line).append("\r\n");
        char type = line.charAt(0);
        switch (type) {
            case '$', '=' -> {
                int length = Integer.parseInt(line.substring(1));
                if (length >= 0) {
                    byte[] bytes = new byte[length + 2];
                    in.readFully(bytes);
                    reply.append(new String(bytes, ISO_8859_1));
                }
            }
            case '*', '~', '%' -> {
                int count = Integer.parseInt(line.substring(1)) * (type == '%' ? 2 : 1);
                for (int i = 0; i < count; i++) {
                    read(reply);
                }
            }
            default -> {}
        }
    }

    /** A line without its end. */
    public String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int letter = in.read(); letter != '\r'; letter = in.read()) {
            if (letter < 0) {
                throw new EOFException("after \"" + line + "\"");
            }
            line.append((char) letter);
        }
        if (in.read() != '\n') {
            throw new IOException("no line feed after " + line);
        }
        return line.toString();
    }

    /** What the server sends until it closes the connection. */
    public String untilClosed() throws IOException {
        return new String(in.readAllBytes(), ISO_8859_1);
    }

    public DataInputStream in() {
        return in;
    }

    public OutputStream out() {
        return out;
    }

    public Socket socket() {
        return socket;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
