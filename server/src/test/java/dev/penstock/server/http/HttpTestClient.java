package dev.penstock.server.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Map;
import java.util.TreeMap;

/** A client that sends bytes as they are and understands responses, so that tests can say what no library would. */
public final class HttpTestClient implements Closeable {

    private static final int TIMEOUT_MILLIS = 20_000;

    private final Socket socket;
    private final InputStream in;

    public HttpTestClient(int port) throws IOException {
        this(new Socket(InetAddress.getLoopbackAddress(), port));
    }

    public HttpTestClient(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /** A response; the names of the fields are in lower case. */
    public static final class Response {

        private final int status;
        private final Map<String, String> fields;
        private final byte[] body;

        Response(int status, Map<String, String> fields, byte[] body) {
            this.status = status;
            this.fields = fields;
            this.body = body;
        }

        public int status() {
            return status;
        }

        public String field(String name) {
            return fields.get(name);
        }

        public byte[] body() {
            return body;
        }

        public String text() {
            return new String(body, ISO_8859_1);
        }
    }

    /** Sends a request with a host and without a body, and waits for the response. */
    public Response send(String method, String target, String... fields) throws IOException {
        return send(method, target, null, fields);
    }

    /** @param body null for none; its length is added */
    public Response send(String method, String target, byte[] body, String... fields) throws IOException {
        StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n");
        for (String field : fields) {
            head.append(field).append("\r\n");
        }
        if (body != null) {
            head.append("Content-Length: ").append(body.length).append("\r\n");
        }
        write(head + "\r\n");
        if (body != null) {
            write(body);
        }
        return response(method.equals("HEAD"));
    }

    public void write(String text) throws IOException {
        write(text.getBytes(ISO_8859_1));
    }

    public void write(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    public Response response() throws IOException {
        return response(false);
    }

    private Response response(boolean ofHead) throws IOException {
        String line = line();
        int status = Integer.parseInt(line.split(" ", 3)[1]);
        Map<String, String> fields = new TreeMap<>();
        for (String field = line(); !field.isEmpty(); field = line()) {
            int colon = field.indexOf(':');
            fields.put(
                    field.substring(0, colon).toLowerCase(java.util.Locale.ROOT),
                    field.substring(colon + 1).strip());
        }
        boolean empty = ofHead || status < 200 || status == 204 || status == 304;
        int length = empty ? 0 : Integer.parseInt(fields.get("content-length"));
        byte[] body = in.readNBytes(length);
        if (body.length < length) {
            throw new EOFException("the body ends after " + body.length + " of " + length + " bytes");
        }
        return new Response(status, fields, body);
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("the connection ends after '" + line + "'");
            }
            line.write(c);
        }
        String text = line.toString(ISO_8859_1);
        if (!text.endsWith("\r")) {
            throw new IOException("no CR LF after '" + text + "'");
        }
        return text.substring(0, text.length() - 1);
    }

    /** Whether the server has ended the connection, and sends nothing more. */
    public boolean isEnded() throws IOException {
        return in.read() < 0;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
