package dev.penstock.bench.cluster;

import dev.penstock.bench.process.DataDirectory;
import dev.penstock.bench.report.Report;
import dev.penstock.bench.report.ResultOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The program behind {@code bench/cluster}. For requests, all systems run side by side and one at a time is asked, in
 * an order that turns from round to round; the figures of the first round are dropped. For kills and at rest, each
 * system runs alone.
 */
@Command(
        name = "bench/cluster",
        sortOptions = false,
        description = "Measures three nodes of Penstock on this machine beside one server, Redis Cluster and etcd.")
final class ClusterBenchmark implements Callable<Integer> {

    /** The parts of the run. */
    enum Part {
        SET,
        GET,
        FAILOVER,
        IDLE
    }

    @Option(names = "--rounds", defaultValue = "3", description = "Measured rounds (${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--seconds", defaultValue = "4", description = "Length of a measurement (${DEFAULT-VALUE}).")
    private int seconds;

    @Option(names = "--kills", defaultValue = "20", description = "Kills of a leader (${DEFAULT-VALUE}).")
    private int kills;

    @Option(names = "--idle-seconds", defaultValue = "60", description = "Length of the rest (${DEFAULT-VALUE}).")
    private int idleSeconds;

    @Option(names = "--parts", split = ",", description = "Only these: ${COMPLETION-CANDIDATES}.")
    private List<Part> parts = List.of(Part.values());

    @Option(names = "--servers", split = ",", description = "Only these: ${COMPLETION-CANDIDATES}.")
    private List<ClusterKind> servers = List.of(ClusterKind.values());

    @Mixin
    private ResultOptions results;

    private final PrintStream out;
    private final List<Throughput.ThroughputSample> samples = new ArrayList<>();
    private final List<Failover.Result> failovers = new ArrayList<>();
    private final List<AtRest.AtRestSample> atRest = new ArrayList<>();

    private ClusterBenchmark(PrintStream out) {
        this.out = out;
    }

    public static void main(String[] args) {
        CommandLine commandLine =
                new CommandLine(new ClusterBenchmark(System.out)).setCaseInsensitiveEnumValuesAllowed(true);
        System.exit(commandLine.execute(args));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Report report = Report.begin("cluster", DataDirectory.parent());
        out.println(report.heading());
        out.println("All servers and clients share this machine, and all forced writes go to its one device.");
        out.println("What an acknowledged write means:");
        List<ClusterKind> kinds = installed();
        kinds.forEach(kind -> out.println("  " + kind.label() + ": " + kind.promise()));
        if (parts.contains(Part.SET) || parts.contains(Part.GET)) {
            measureRequests(kinds);
        }
        for (ClusterKind kind : kinds) {
            if (parts.contains(Part.FAILOVER) && kind.hasFailover()) {
                killLeaders(kind);
            }
        }
        for (ClusterKind kind : kinds) {
            if (parts.contains(Part.IDLE)) {
                rest(kind);
            }
        }
        print(report);
        return failovers.stream().allMatch(result -> result.lost() + result.unexpected() == 0) ? 0 : 1;
    }

    private List<ClusterKind> installed() {
        List<ClusterKind> found = new ArrayList<>();
        for (ClusterKind kind : servers) {
            if (kind.isInstalled()) {
                found.add(kind);
            } else {
                out.println(kind.label() + " is not installed and left out");
            }
        }
        return found;
    }

    private void measureRequests(List<ClusterKind> kinds) throws IOException {
        Path folder = DataDirectory.create();
        Map<ClusterKind, Deployment> running = new EnumMap<>(ClusterKind.class);
        Throughput throughput = new Throughput(seconds);
        try {
            for (ClusterKind kind : kinds) {
                Deployment deployment = kind.start(Files.createDirectory(folder.resolve(kind.name())));
                running.put(kind, deployment);
                Throughput.fill(kind, deployment);
            }
            for (int round = 0; round <= rounds; round++) {
                List<ClusterKind> order = new ArrayList<>(kinds);
                Collections.rotate(order, round);
                for (ClusterKind kind : order) {
                    Deployment deployment = Objects.requireNonNull(running.get(kind));
                    if (parts.contains(Part.SET)) {
                        throughput.sets(kind, deployment, round, this::take);
                    }
                    if (parts.contains(Part.GET)) {
                        throughput.gets(kind, deployment, round, this::take);
                    }
                }
            }
        } finally {
            running.values().forEach(Deployment::close);
            DataDirectory.delete(folder);
        }
    }

    private void take(Throughput.ThroughputSample sample) {
        if (sample.round() > 0) {
            samples.add(sample);
            out.printf(
                    "round %d  %-32s %-16s %8.0f/s  %7.1f CPU us%n",
                    sample.round(),
                    sample.measurement(),
                    sample.system().label(),
                    sample.perSecond(),
                    sample.allMicrosPerRequest());
        }
    }

    private void killLeaders(ClusterKind kind) throws IOException, InterruptedException {
        Path folder = DataDirectory.create();
        try (Deployment deployment = kind.start(folder)) {
            failovers.add(Failover.run(
                    kind,
                    deployment,
                    kills,
                    kill -> out.printf(
                            "kill %d  %-16s first write after %.0f ms, all clients after %.0f ms%n",
                            kill.number(), kind.label(), kill.firstMillis(), kill.allMillis())));
        } finally {
            DataDirectory.delete(folder);
        }
    }

    private void rest(ClusterKind kind) throws IOException, InterruptedException {
        Path folder = DataDirectory.create();
        try (Deployment deployment = kind.start(folder)) {
            Throughput.fill(kind, deployment);
            out.println("rest    " + kind.label() + ", " + idleSeconds + " s");
            atRest.addAll(AtRest.measure(kind, deployment, idleSeconds));
        } finally {
            DataDirectory.delete(folder);
        }
    }

    private void print(Report report) throws IOException {
        List<ClusterTables.Row> rows = ClusterTables.rows(samples);
        if (!rows.isEmpty()) {
            out.printf("%nmedian of %d rounds of %d s%n%n%s", rounds, seconds, ClusterTables.throughput(rows));
        }
        if (!failovers.isEmpty()) {
            out.printf("%nthe leader killed while clients write%n%n%s", ClusterTables.failover(failovers));
            failovers.forEach(result -> result.errors()
                    .forEach((error, times) ->
                            out.printf("%s: %d times: %s%n", result.system().label(), times, error)));
        }
        if (!atRest.isEmpty()) {
            out.printf("%nat rest for %d s%n%n%s", idleSeconds, ClusterTables.atRest(atRest));
        }
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("requests", rows);
        all.put("failover", failovers);
        all.put("rest", atRest);
        out.printf("%nwritten: %s%n", report.write(results.folder(), all, samples));
    }
}
