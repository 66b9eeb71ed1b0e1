package dev.penstock.server.net;

import java.nio.channels.Selector;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Tasks from other threads for an event loop's thread, in their order. Any thread may add one. */
final class Mailbox implements Executor {

    private final Queue<Runnable> messages = new ConcurrentLinkedQueue<>();
    private final Selector selector;
    private volatile @Nullable Thread owner;
    private volatile boolean closed;

    /** @param selector what the loop waits at */
    Mailbox(Selector selector) {
        this.selector = selector;
    }

    /** From now on the calling thread is the loop's. */
    void own() {
        owner = Thread.currentThread();
    }

    boolean isOwn() {
        return Thread.currentThread().equals(owner);
    }

    @Override
    public void execute(Runnable message) {
        messages.add(message);
        if (closed) {
            empty(); // nobody else will
        } else {
            selector.wakeup();
        }
    }

    /** Does what was requested; by the loop. */
    void empty() {
        for (Runnable message = messages.poll(); message != null; message = messages.poll()) {
            message.run();
        }
    }

    /** The loop has ended; pending and later requests find everything closed. */
    void close() {
        closed = true;
        empty();
    }
}
