package dev.penstock.bench.cluster;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Kills the leader again and again while clients write. The time of a kill is that until a write is acknowledged that
 * began after it. The killed server is started again, and takes part, before the next kill.
 */
final class Failover {

    private static final int WRITERS = 8;
    private static final long LIMIT_SECONDS = 60;
    private static final long POLL_NANOS = TimeUnit.MICROSECONDS.toNanos(500);
    private static final int SETTLE_MILLIS = 1500;
    private static final int SPREAD_MILLIS = 1000;

    /** What the documentation calls an unknown outcome. */
    private static final String UNKNOWN = "the write may have been done or not";

    /**
     * One kill.
     *
     * @param firstMillis until a client had a write acknowledged that it began after the kill
     * @param allMillis until all clients had
     */
    record Kill(ClusterKind system, int number, double firstMillis, double allMillis) {}

    /**
     * All kills of a system.
     *
     * @param acknowledged how many writes were acknowledged
     * @param lost how many of these were not there afterwards
     * @param errors what clients were told, and how often
     */
    record Result(ClusterKind system, List<Kill> kills, int acknowledged, int lost, Map<String, Integer> errors) {

        /** Errors that are no unknown outcome of a write. */
        int unexpected() {
            return errors.entrySet().stream()
                    .filter(error ->
                            !error.getKey().contains(UNKNOWN) && !error.getKey().equals(KeyClient.BROKEN))
                    .mapToInt(Map.Entry::getValue)
                    .sum();
        }
    }

    private Failover() {}

    static Result run(ClusterKind kind, Deployment deployment, int count, Consumer<Kill> listener)
            throws IOException, InterruptedException {
        List<KeyWriter> writers = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            writers.add(new KeyWriter(i, kind.connect(deployment)));
        }
        writers.forEach(KeyWriter::start);
        List<Kill> kills = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(1);
        try {
            for (int number = 1; number <= count; number++) {
                pause(SETTLE_MILLIS + random.nextInt(SPREAD_MILLIS));
                Member leader = deployment.leader();
                Kill kill = kill(kind, leader, writers, number);
                kills.add(kill);
                listener.accept(kill);
                leader.restart();
                deployment.awaitCurrent(leader);
            }
        } finally {
            for (KeyWriter writer : writers) {
                writer.stop();
            }
        }
        Map<String, Integer> errors = new TreeMap<>();
        int lost = 0;
        for (KeyWriter writer : writers) {
            writer.errors().forEach((error, times) -> errors.merge(error, times, Integer::sum));
            lost += writer.lost();
        }
        return new Result(
                kind,
                kills,
                writers.stream().mapToInt(KeyWriter::acknowledgedCount).sum(),
                lost,
                errors);
    }

    private static void pause(long millis) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private static Kill kill(ClusterKind kind, Member leader, List<KeyWriter> writers, int number) throws IOException {
        leader.kill();
        long killed = System.nanoTime(); // a write that begins now cannot be the killed server's any more
        double[] millis = new double[writers.size()];
        int waiting = writers.size();
        while (waiting > 0) {
            if (System.nanoTime() - killed > TimeUnit.SECONDS.toNanos(LIMIT_SECONDS)) {
                throw new IOException(
                        "%d of %d clients have no write acknowledged %d s after %s was killed; errors so far: %s"
                                .formatted(
                                        waiting,
                                        millis.length,
                                        LIMIT_SECONDS,
                                        leader.name(),
                                        writers.stream().map(KeyWriter::errors).toList()));
            }
            for (int i = 0; i < millis.length; i++) {
                KeyWriter.Write last = writers.get(i).last();
                if (millis[i] == 0 && last.begun() - killed > 0) {
                    millis[i] = (last.ended() - killed) / 1e6;
                    waiting--;
                }
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        double first = Double.MAX_VALUE;
        double all = 0;
        for (double each : millis) {
            first = Math.min(first, each);
            all = Math.max(all, each);
        }
        return new Kill(kind, number, first, all);
    }
}
