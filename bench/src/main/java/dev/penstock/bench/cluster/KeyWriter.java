package dev.penstock.bench.cluster;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A client that writes one new key after another and remembers what was acknowledged. Belongs to its thread, except for
 * the errors, the order to stop and the time of the last acknowledgement.
 */
final class KeyWriter implements Runnable {

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final int number;
    private final KeyClient client;
    private final Map<String, Integer> errors = new ConcurrentHashMap<>();
    private final List<String> acknowledged = new ArrayList<>();
    private final Thread thread;
    private volatile boolean isStopped;

    /** When the last acknowledged write was begun, and when it was acknowledged. */
    private volatile Write last = new Write(0, 0);

    /** The times of a write, of {@link System#nanoTime}. */
    record Write(long begun, long ended) {}

    KeyWriter(int number, KeyClient client) {
        this.number = number;
        this.client = client;
        this.thread = Thread.ofPlatform().daemon().name("writer-" + number).unstarted(this);
    }

    void start() {
        last = new Write(System.nanoTime(), System.nanoTime());
        thread.start();
    }

    @Override
    public void run() {
        for (int i = 0; !isStopped; i++) {
            String key = "writer:" + number + ":" + i;
            long begun = System.nanoTime();
            String error = client.write(key, value(key));
            if (error == null) {
                acknowledged.add(key);
                last = new Write(begun, System.nanoTime());
                LockSupport.parkNanos(PAUSE_NANOS);
            } else {
                errors.merge(error, 1, Integer::sum);
            }
        }
    }

    private static String value(String key) {
        return "value of " + key;
    }

    Write last() {
        return last;
    }

    Map<String, Integer> errors() {
        return errors;
    }

    /** Ends the writing. */
    void stop() throws InterruptedException {
        isStopped = true;
        thread.join();
    }

    int acknowledgedCount() {
        return acknowledged.size();
    }

    /** After the end: how many acknowledged writes are not there. */
    int lost() throws IOException {
        int lost = 0;
        for (String key : acknowledged) {
            if (!client.has(key, value(key))) {
                lost++;
            }
        }
        client.close();
        return lost;
    }
}
