package dev.penstock.cluster.failure;

import dev.penstock.cluster.ClusterMember;
import dev.penstock.cluster.history.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisMovedDataException;
import redis.clients.jedis.params.SetParams;

/**
 * A client that knows all nodes, follows {@code MOVED}, and repeats only what was surely not done. It writes down each
 * operation with what came of it; one whose outcome it cannot know stays open.
 */
final class HistoryClient extends Thread {

    private static final List<Operation.Kind> KINDS = List.of(Operation.Kind.values());
    private static final int KEYS = 8;
    private static final int CONNECT_MILLIS = 500;
    private static final int TIMEOUT_MILLIS = 3000;
    private static final long LONGEST_SECONDS = 20;
    private static final long PAUSE_MILLIS = 5;

    /** What all clients have in common. Thread-safe. */
    static final class Load {

        private final List<ClusterMember> members;
        private final long seed;
        private final AtomicInteger phase = new AtomicInteger();
        private final AtomicLong values = new AtomicLong();
        private final AtomicLong replies = new AtomicLong();
        private final AtomicLong unknown = new AtomicLong();
        private final AtomicLong refused = new AtomicLong();
        private final ConcurrentLinkedQueue<String> unexpected = new ConcurrentLinkedQueue<>();
        private volatile boolean isStopped;

        Load(List<ClusterMember> members, long seed) {
            this.members = members;
            this.seed = seed;
        }

        /** Each phase has keys of its own, so that few outcomes are unknown for one key. */
        void nextPhase() {
            phase.incrementAndGet();
        }

        long replies() {
            return replies.get();
        }

        void stop() {
            isStopped = true;
        }

        List<String> unexpected() {
            return List.copyOf(unexpected);
        }

        @Override
        public String toString() {
            return replies + " replies, " + unknown + " outcomes unknown, " + refused + " given up";
        }
    }

    private final int number;
    private final Load load;
    private final Random random;
    private final List<Operation> history = new ArrayList<>();
    private int target;
    private Jedis connection;

    HistoryClient(int number, Load load) {
        super("client-" + number);
        setDaemon(true);
        this.number = number;
        this.load = load;
        this.random = new Random(load.seed + number);
        this.target = number % load.members.size();
    }

    /** Waits for the last reply. */
    List<Operation> history() throws InterruptedException {
        join();
        return history;
    }

    @Override
    public void run() {
        while (!load.isStopped) {
            Operation.Kind kind = KINDS.get(random.nextInt(KINDS.size()));
            String key = "key" + random.nextInt(KEYS) + " of phase " + load.phase.get();
            String argument = kind == Operation.Kind.SET || kind == Operation.Kind.SET_NX
                    ? Long.toString(load.values.addAndGet(1000))
                    : "";
            execute(new Operation(number, kind, key, argument, System.nanoTime()));
            pause();
        }
        disconnect();
    }

    private static void pause() {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS));
    }

    /** Until it is known what came of it, or can never be. */
    private void execute(Operation operation) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_SECONDS);
        while (System.nanoTime() < deadline) {
            if (!connect()) {
                target = (target + 1) % load.members.size();
                pause();
                continue;
            }
            try {
                String result = send(operation);
                history.add(operation.returned(result, System.nanoTime()));
                load.replies.incrementAndGet();
                return;
            } catch (JedisMovedDataException e) {
                moveTo(e.getTargetNode().getPort(), e.getTargetNode().getHost());
            } catch (JedisDataException e) {
                if (e.getMessage().contains("may have been done")) {
                    leaveOpen(operation);
                    return;
                }
                if (!isRefusal(e.getMessage())) {
                    load.unexpected.add(operation + ": " + e.getMessage());
                    leaveOpen(operation);
                    return;
                }
                target = (target + 1) % load.members.size();
                disconnect();
                pause();
            } catch (JedisConnectionException e) {
                disconnect();
                target = (target + 1) % load.members.size();
                leaveOpen(operation);
                return;
            }
        }
        load.refused.incrementAndGet();
    }

    private static boolean isRefusal(String message) {
        return message.startsWith("CLUSTERDOWN") || message.startsWith("OOM") || message.startsWith("LOADING");
    }

    /** What it wrote may come to be there at any time. What it read is of no use. */
    private void leaveOpen(Operation operation) {
        load.unknown.incrementAndGet();
        if (operation.writes()) {
            history.add(operation);
        }
    }

    private void moveTo(int port, String host) {
        disconnect();
        for (int i = 0; i < load.members.size(); i++) {
            ClusterMember member = load.members.get(i);
            if (member.port() == port && member.host().equals(host)) {
                target = i;
            }
        }
        pause();
    }

    private boolean connect() {
        if (connection != null) {
            return true;
        }
        ClusterMember member = load.members.get(target);
        try {
            Jedis next = new Jedis(member.host(), member.port(), CONNECT_MILLIS, TIMEOUT_MILLIS);
            next.connect();
            connection = next;
            return true;
        } catch (JedisException e) {
            return false;
        }
    }

    private void disconnect() {
        Jedis last = connection;
        connection = null;
        if (last != null) {
            try {
                last.close();
            } catch (JedisException e) {
                // It is gone already.
            }
        }
    }

    private String send(Operation operation) {
        String key = operation.key();
        return switch (operation.kind()) {
            case GET -> connection.get(key);
            case SET -> connection.set(key, operation.argument());
            case SET_NX ->
                connection.set(key, operation.argument(), SetParams.setParams().nx());
            case INCR -> Long.toString(connection.incr(key));
            case DEL -> Long.toString(connection.del(key));
        };
    }
}
