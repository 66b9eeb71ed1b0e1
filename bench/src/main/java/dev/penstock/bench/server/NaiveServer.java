package dev.penstock.bench.server;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * What articles about zero copy compare with: a thread and a blocking socket for each client, a file for each value,
 * and the copying that they show. It speaks as much of the Redis protocol as the harness does, so that the client is
 * the same.
 */
final class NaiveServer {

    private static final int BUFFER_LENGTH = 1024;

    private final TransferWay way;
    private final Path folder;

    private NaiveServer(TransferWay way, Path folder) {
        this.way = way;
        this.folder = folder;
    }

    public static void main(String[] arguments) throws IOException {
        NaiveServer server = new NaiveServer(TransferWay.valueOf(arguments[0]), Path.of(arguments[1]));
        // A thread for each client; they are used again, since the context switches of a thread that has ended are not
        // counted.
        try (ServerSocketChannel listener = ServerSocketChannel.open();
                ExecutorService threads = Executors.newCachedThreadPool()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[2])));
            while (true) {
                SocketChannel client = listener.accept();
                threads.execute(() -> server.serve(client));
            }
        }
    }

    private void serve(SocketChannel client) {
        try (client) {
            client.socket().setTcpNoDelay(true);
            InputStream in = client.socket().getInputStream();
            while (true) {
                answer(client, in);
            }
        } catch (IOException left) {
            // The client is done.
        }
    }

    private void answer(SocketChannel client, InputStream in) throws IOException {
        int count = Integer.parseInt(line(in).substring(1));
        String command = word(in);
        if (command.equals("PING")) {
            client.write(bytes("+PONG\r\n"));
        } else if (command.equals("GET")) {
            Path file = folder.resolve(word(in));
            send(client, file);
        } else if (command.equals("SET") && count == 3) {
            Path file = folder.resolve(word(in));
            long length = Long.parseLong(line(in).substring(1));
            receive(client, in, file, length);
            line(in);
            client.write(bytes("+OK\r\n"));
        } else {
            throw new IOException(command);
        }
    }

    private void send(SocketChannel client, Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            long length = channel.size();
            client.write(bytes("$" + length + "\r\n"));
            switch (way) {
                case NAIVE_STREAM -> sendStream(client.socket().getOutputStream(), file);
                case NAIVE_HEAP -> sendMapped(client.socket().getOutputStream(), channel, length);
                default -> {
                    for (long sent = 0; sent < length; ) {
                        sent += channel.transferTo(sent, length - sent, client);
                    }
                }
            }
            client.write(bytes("\r\n"));
        }
    }

    private static void sendStream(OutputStream out, Path file) throws IOException {
        byte[] buffer = new byte[BUFFER_LENGTH];
        try (InputStream in = new FileInputStream(file.toFile())) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                out.write(buffer, 0, read);
            }
        }
    }

    private static void sendMapped(OutputStream out, FileChannel channel, long length) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mapped = channel.map(MapMode.READ_ONLY, 0, length, arena);
            out.write(mapped.toArray(ValueLayout.JAVA_BYTE));
        }
    }

    private void receive(SocketChannel client, InputStream in, Path file, long length) throws IOException {
        if (way == TransferWay.NAIVE_TRANSFER) {
            try (FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
                for (long received = 0; received < length; ) {
                    long count = channel.transferFrom(client, received, length - received);
                    if (count <= 0) {
                        throw new EOFException();
                    }
                    received += count;
                }
            }
            return;
        }
        byte[] buffer = new byte[BUFFER_LENGTH];
        DataInputStream whole = new DataInputStream(in);
        try (OutputStream out = new FileOutputStream(file.toFile())) {
            for (long left = length; left > 0; ) {
                int part = (int) Math.min(left, buffer.length);
                whole.readFully(buffer, 0, part);
                out.write(buffer, 0, part);
                left -= part;
            }
        }
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String word(InputStream in) throws IOException {
        line(in);
        return line(in);
    }

    /** Byte by byte, so that nothing of what follows is taken along. */
    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int letter = in.read(); letter != '\n'; letter = in.read()) {
            if (letter < 0) {
                throw new EOFException();
            }
            if (letter != '\r') {
                line.append((char) letter);
            }
        }
        return line.toString();
    }
}
