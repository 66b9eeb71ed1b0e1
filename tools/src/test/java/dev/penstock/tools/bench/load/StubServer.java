package dev.penstock.tools.bench.load;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.penstock.tools.client.ServerAccess;
import dev.penstock.tools.client.ServerAddress;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** Answers as a server does that stores nothing, and misbehaves as it is told. */
public final class StubServer implements AutoCloseable {

    private final ServerSocket listener;
    private final Thread acceptor;
    private final Answer answer;
    private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
    private final AtomicLong count = new AtomicLong();
    private final ReentrantReadWriteLock world = new ReentrantReadWriteLock();

    /** What a request gets for a reply; null closes the connection. */
    @FunctionalInterface
    public interface Answer {
        String to(List<String> words, long number);
    }

    public StubServer(Answer answer) throws IOException {
        this.answer = answer;
        this.listener = new ServerSocket(0, 1000, InetAddress.getLoopbackAddress());
        this.acceptor = Thread.ofVirtual().start(this::accept);
    }

    /** GET has a value of three bytes, everything else is OK. */
    public static String usual(List<String> words, long number) {
        return words.getFirst().equals("GET") ? "$3\r\nabc\r\n" : "+OK\r\n";
    }

    public ServerAccess access() {
        return ServerAccess.plain(address());
    }

    public ServerAddress address() {
        return new ServerAddress("127.0.0.1", listener.getLocalPort(), null);
    }

    public long requestCount() {
        return count.get();
    }

    /** Nobody gets a reply for so long, as in a full garbage collection. */
    public void stall(long millis) {
        world.writeLock().lock();
        try {
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
            while (System.nanoTime() < end) {
                LockSupport.parkNanos(end - System.nanoTime());
            }
        } finally {
            world.writeLock().unlock();
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                sockets.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            OutputStream out = socket.getOutputStream();
            for (List<String> words = read(in); words != null; words = read(in)) {
                String reply = answer.to(words, count.getAndIncrement());
                if (reply == null) {
                    return;
                }
                world.readLock().lock();
                try {
                    out.write(reply.getBytes(US_ASCII));
                } finally {
                    world.readLock().unlock();
                }
            }
        } catch (IOException e) {
            // The client has gone.
        }
    }

    /** The words of a request; of a long one the length alone. */
    private static List<String> read(InputStream in) throws IOException {
        if (in.read() < 0) {
            return null;
        }
        List<String> words = new ArrayList<>();
        for (long left = number(in); left > 0; left--) {
            if (in.read() != '$') {
                throw new IOException("no bulk string");
            }
            long length = number(in);
            if (length > 1000) {
                in.skipNBytes(length);
                words.add(Long.toString(length));
            } else {
                words.add(new String(in.readNBytes((int) length), US_ASCII));
            }
            if (in.read() != '\r' || in.read() != '\n') {
                throw new IOException("no line end behind a word");
            }
        }
        return words;
    }

    private static long number(InputStream in) throws IOException {
        long number = 0;
        for (int next = in.read(); next != '\r'; next = in.read()) {
            if (next < '0' || next > '9') {
                throw new IOException("no number");
            }
            number = 10 * number + next - '0';
        }
        if (in.read() != '\n') {
            throw new IOException("no line end");
        }
        return number;
    }

    @Override
    public void close() throws IOException {
        listener.close();
        // Until it has left accept, the socket still takes connections.
        try {
            acceptor.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
