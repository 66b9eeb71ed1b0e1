package dev.penstock.tools.serve;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells systemd what the server does, by the protocol of {@code sd_notify(3)}: when it is ready, that it stops, a line
 * of status, and at intervals that it is alive. Without {@code NOTIFY_SOCKET} in the environment it does nothing. A
 * message that cannot be sent is logged once and never ends the server. Any thread.
 */
final class ServiceNotifier implements AutoCloseable {

    private static final Logger LOG = System.getLogger(ServiceNotifier.class.getName());

    private final @Nullable String address; // null if nobody listens
    private final @Nullable Duration watchdog; // null if systemd does not expect signs of life
    private final CountDownLatch closed = new CountDownLatch(1);

    @GuardedBy("this")
    private boolean complained;

    /**
     * @param environment that of the process
     * @param pid of the process
     */
    ServiceNotifier(Map<String, String> environment, long pid) {
        String socket = environment.get("NOTIFY_SOCKET");
        this.address = socket == null || socket.isEmpty() ? null : socket;
        this.watchdog = address == null ? null : watchdog(environment, pid);
    }

    /** How often systemd expects a sign of life, null if never or from another process. */
    private static @Nullable Duration watchdog(Map<String, String> environment, long pid) {
        String micros = environment.getOrDefault("WATCHDOG_USEC", "");
        String owner = environment.getOrDefault("WATCHDOG_PID", "");
        boolean own = owner.isEmpty() || owner.equals(Long.toString(pid));
        return own && micros.matches("[1-9][0-9]{0,17}")
                ? Duration.ofNanos(TimeUnit.MICROSECONDS.toNanos(Long.parseLong(micros))) // 292 years at most
                : null;
    }

    /**
     * The server accepts clients.
     *
     * @param status one line
     * @param isLive asked twice in each interval of the watchdog; a sign of life is sent only if it is true
     */
    void ready(String status, BooleanSupplier isLive) {
        send("READY=1\nSTATUS=" + status);
        if (watchdog != null) {
            Thread.ofPlatform().daemon().name("penstock-watchdog").start(() -> watch(watchdog.toNanos() / 2, isLive));
        }
    }

    private void watch(long intervalNanos, BooleanSupplier isLive) {
        try {
            do {
                if (isLive.getAsBoolean()) {
                    send("WATCHDOG=1");
                }
            } while (!closed.await(intervalNanos, TimeUnit.NANOSECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void opening() {
        send("STATUS=opening the store");
    }

    /** The server accepts no more clients. Signs of life go on: replies and a checkpoint may take long. */
    void stopping() {
        send("STOPPING=1\nSTATUS=sending the last replies and closing the store");
    }

    private synchronized void send(String message) {
        if (address == null) {
            return;
        }
        try {
            NotifySocket.send(address, message);
        } catch (RuntimeException | Error e) {
            if (!complained) {
                complained = true;
                String reason = e.getMessage() == null ? e.toString() : e.getMessage();
                LOG.log(Level.WARNING, "cannot tell systemd by NOTIFY_SOCKET: {0}", reason);
            }
        }
    }

    /** Ends the signs of life. */
    @Override
    public void close() {
        closed.countDown();
    }
}
