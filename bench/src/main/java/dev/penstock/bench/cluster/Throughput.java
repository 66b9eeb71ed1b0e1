package dev.penstock.bench.cluster;

import dev.penstock.bench.process.RedisBenchmark;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Requests of 50 clients to the leader, for keys of a fixed set with values of 100 bytes. A request of redis-benchmark
 * costs its client little; it can neither wait for replicas nor ask etcd, and a {@link ClosedLoop} does that.
 */
final class Throughput {

    private static final int CLIENTS = 50;
    private static final int KEYS = 10_000;
    private static final int FILL_REQUESTS = 12 * KEYS;
    private static final int FILL_DEPTH = 16;
    private static final int FIRST_REQUESTS = 5_000;
    private static final int VALUE_LENGTH = 100;
    private static final String VALUE = "v".repeat(VALUE_LENGTH);
    private static final int[] DEPTHS = {1, 16};
    private static final RedisBenchmark BENCHMARK = new RedisBenchmark(CLIENTS, VALUE_LENGTH, KEYS);

    /** One measurement of one system. */
    record ThroughputSample(
            String measurement,
            ClusterKind system,
            int round,
            double perSecond,
            double p50Millis,
            double p99Millis,
            double allMicrosPerRequest,
            double leaderMicrosPerRequest) {}

    private final double seconds;
    private final Map<String, Double> rates = new HashMap<>();

    Throughput(double seconds) {
        this.seconds = seconds;
    }

    /** Puts the keys that GETs ask for. */
    static void fill(ClusterKind kind, Deployment deployment) throws IOException {
        InetSocketAddress leader = deployment.leader().address();
        if (kind == ClusterKind.ETCD) {
            try (EtcdConnection connection = new EtcdConnection(leader)) {
                for (int first = 0; first < KEYS; first += FILL_DEPTH) {
                    int from = first;
                    connection.puts(
                            IntStream.range(from, Math.min(from + FILL_DEPTH, KEYS))
                                    .mapToObj(number -> "key:" + number)
                                    .toList(),
                            VALUE);
                }
            }
        } else {
            benchmark(leader, "SET", FILL_DEPTH, FILL_REQUESTS);
        }
    }

    /** One round of SETs. */
    void sets(ClusterKind kind, Deployment deployment, int round, Consumer<ThroughputSample> listener)
            throws IOException {
        for (int depth : DEPTHS) {
            if (kind == ClusterKind.ETCD) {
                listener.accept(measure(label("SET", depth), kind, deployment, round, leader -> puts(leader, depth)));
                continue;
            }
            listener.accept(byRedisBenchmark("SET", kind, deployment, round, depth));
            if (kind == ClusterKind.REDIS) {
                listener.accept(
                        measure(label("SET, WAIT 1", depth), kind, deployment, round, leader -> waits(leader, depth)));
            }
        }
    }

    /** One round of GETs. */
    void gets(ClusterKind kind, Deployment deployment, int round, Consumer<ThroughputSample> listener)
            throws IOException {
        for (int depth : DEPTHS) {
            listener.accept(
                    kind == ClusterKind.ETCD
                            ? measure(label("GET", depth), kind, deployment, round, leader -> gets(leader, depth))
                            : byRedisBenchmark("GET", kind, deployment, round, depth));
        }
    }

    private static String label(String command, int depth) {
        return command + " 100 B, pipeline " + depth;
    }

    private Load puts(InetSocketAddress leader, int depth) throws IOException {
        return ClosedLoop.run(CLIENTS, depth, KEYS, seconds, () -> {
            EtcdConnection connection = new EtcdConnection(leader);
            return ClosedLoop.Client.of(connection, keys -> connection.puts(keys, VALUE));
        });
    }

    private Load gets(InetSocketAddress leader, int depth) throws IOException {
        return ClosedLoop.run(CLIENTS, depth, KEYS, seconds, () -> {
            EtcdConnection connection = new EtcdConnection(leader);
            return ClosedLoop.Client.of(connection, connection::gets);
        });
    }

    private Load waits(InetSocketAddress leader, int depth) throws IOException {
        return ClosedLoop.run(CLIENTS, depth, KEYS, seconds, () -> {
            PipelinedClient connection = new PipelinedClient(leader, 1);
            return ClosedLoop.Client.of(connection, keys -> connection.puts(keys, VALUE));
        });
    }

    /** Asks for as many requests as took that long before. */
    private ThroughputSample byRedisBenchmark(
            String command, ClusterKind kind, Deployment deployment, int round, int depth) throws IOException {
        String key = kind + command + depth;
        if (!rates.containsKey(key)) {
            Load first = benchmark(deployment.leader().address(), command, depth, FIRST_REQUESTS * depth);
            rates.put(key, first.perSecond());
        }
        int requests = (int) Math.max(FIRST_REQUESTS, Objects.requireNonNull(rates.get(key)) * seconds);
        ThroughputSample sample = measure(
                label(command, depth), kind, deployment, round, leader -> benchmark(leader, command, depth, requests));
        rates.put(key, sample.perSecond());
        return sample;
    }

    private interface Work {
        Load run(InetSocketAddress leader) throws IOException;
    }

    private static ThroughputSample measure(String label, ClusterKind kind, Deployment deployment, int round, Work work)
            throws IOException {
        Member leader = deployment.leader();
        Duration allBefore = deployment.processorTime();
        Duration leaderBefore = leader.process().processorTime();
        Load load = work.run(leader.address());
        double all = deployment.processorTime().minus(allBefore).toNanos() / 1e3;
        double atLeader = leader.process().processorTime().minus(leaderBefore).toNanos() / 1e3;
        return new ThroughputSample(
                label,
                kind,
                round,
                load.perSecond(),
                load.p50Millis(),
                load.p99Millis(),
                all / load.requests(),
                atLeader / load.requests());
    }

    private static Load benchmark(InetSocketAddress server, String command, int depth, int requests)
            throws IOException {
        RedisBenchmark.Result result = BENCHMARK.run(server, command, depth, requests);
        return new Load(requests, result.perSecond(), result.p50Millis(), result.p99Millis());
    }
}
