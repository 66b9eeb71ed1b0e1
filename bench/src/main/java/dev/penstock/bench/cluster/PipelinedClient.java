package dev.penstock.bench.cluster;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A connection that sends SETs together, followed by one {@code WAIT}, and reads a line for each. For one thread. */
final class PipelinedClient implements AutoCloseable {

    private final Socket socket;
    private final InputStream in;
    private final int replicas;

    /** @param replicas how many replicas are to have the writes */
    PipelinedClient(InetSocketAddress address, int replicas) throws IOException {
        socket = new Socket(address.getAddress(), address.getPort());
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
        this.replicas = replicas;
    }

    /** Returns when so many replicas have all of the writes. */
    void puts(List<String> keys, String value) throws IOException {
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        for (String key : keys) {
            command(request, "SET", key, value);
        }
        command(request, "WAIT", Integer.toString(replicas), "0");
        request.writeTo(socket.getOutputStream());
        for (int i = 0; i <= keys.size(); i++) {
            if (line().startsWith("-")) {
                throw new IOException("redis-server refused a write");
            }
        }
    }

    private static void command(ByteArrayOutputStream request, String... words) {
        StringBuilder text =
                new StringBuilder().append('*').append(words.length).append("\r\n");
        for (String word : words) {
            text.append('$').append(word.length()).append("\r\n").append(word).append("\r\n");
        }
        request.writeBytes(text.toString().getBytes(StandardCharsets.US_ASCII));
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("the server closed the connection");
            }
            line.append((char) c);
        }
        return line.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
