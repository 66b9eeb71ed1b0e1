package dev.penstock.tools.exchange;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicLong;

/** A port that leads to another one, until it has passed on so many bytes of the answers. */
final class Forwarder implements AutoCloseable {

    private final ServerSocket listening;
    private final AtomicLong answerBytes = new AtomicLong();
    private volatile int target;
    private volatile long limit;

    Forwarder(int target, long limit) throws IOException {
        this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        this.target = target;
        this.limit = limit;
        daemon(this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    /** Counts from 0 again, and leads to another port from the next connection on. */
    void lead(int newTarget, long newLimit) {
        answerBytes.set(0);
        target = newTarget;
        limit = newLimit;
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listening.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                daemon(() -> pass(client, server, false));
                daemon(() -> pass(server, client, true));
            }
        } catch (IOException e) {
            // the test is over
        }
    }

    private void pass(Socket from, Socket to, boolean counted) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[4096];
            for (int count = in.read(buffer); count > 0; count = in.read(buffer)) {
                if (counted && answerBytes.addAndGet(count) > limit) {
                    return;
                }
                out.write(buffer, 0, count);
            }
        } catch (IOException e) {
            // one of the two hung up
        }
    }

    private static void daemon(Runnable body) {
        Thread.ofVirtual().start(body);
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }
}
