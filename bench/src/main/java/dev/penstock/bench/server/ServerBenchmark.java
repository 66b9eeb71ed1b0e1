package dev.penstock.bench.server;

import dev.penstock.bench.process.DataDirectory;
import dev.penstock.bench.process.ServerProcess;
import dev.penstock.bench.report.Report;
import dev.penstock.bench.report.ResultOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The program behind {@code bench/server-cpu}. All servers of a part run side by side, and only one is asked at a time,
 * in an order that turns from round to round; an idle server takes no processor time. A first round, whose figures are
 * dropped, warms them up.
 */
@Command(
        name = "bench/server-cpu",
        sortOptions = false,
        description = "Measures what a request costs Penstock's server, redis-server and nginx in processor time.")
final class ServerBenchmark implements Callable<Integer> {

    /** The parts of the run. */
    enum Part {
        SMALL,
        LARGE,
        START
    }

    @Option(names = "--rounds", defaultValue = "3", description = "Measured rounds (${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--starts", defaultValue = "10", description = "Measured starts (${DEFAULT-VALUE}).")
    private int starts;

    @Option(names = "--parts", split = ",", description = "Only these: ${COMPLETION-CANDIDATES}.")
    private List<Part> parts = List.of(Part.values());

    @Option(names = "--servers", split = ",", description = "Only these: ${COMPLETION-CANDIDATES}.")
    private List<ServerKind> servers = List.of(ServerKind.values());

    @Mixin
    private ResultOptions results;

    private final PrintStream out;
    private final List<ServerSample> samples = new ArrayList<>();

    private ServerBenchmark(PrintStream out) {
        this.out = out;
    }

    public static void main(String[] args) {
        CommandLine commandLine =
                new CommandLine(new ServerBenchmark(System.out)).setCaseInsensitiveEnumValuesAllowed(true);
        System.exit(commandLine.execute(args));
    }

    @Override
    public Integer call() throws IOException {
        Report report = Report.begin("server-cpu", DataDirectory.parent());
        out.println(report.heading());
        for (Part part : parts) {
            switch (part) {
                case SMALL -> runRounds(part, installed(true));
                case LARGE -> runRounds(part, installed(false));
                case START -> runStarts(installed(true));
            }
        }
        ServerComparison comparison = new ServerComparison(samples);
        out.printf("%nmedian of %d rounds, %d starts%n%n%s", rounds, starts, comparison.table());
        out.printf("%nwritten: %s%n", report.write(results.folder(), comparison.rows(), samples));
        return 0;
    }

    private List<ServerKind> installed(boolean onlyRedisProtocol) {
        List<ServerKind> found = new ArrayList<>();
        for (ServerKind kind : servers) {
            if (onlyRedisProtocol && !kind.speaksRedis()) {
                continue;
            }
            if (kind.isInstalled()) {
                found.add(kind);
            } else {
                out.println(kind.label() + " is not installed and left out");
            }
        }
        return found;
    }

    private void runRounds(Part part, List<ServerKind> kinds) throws IOException {
        Path folder = DataDirectory.create();
        Map<ServerKind, ServerProcess> running = new EnumMap<>(ServerKind.class);
        try {
            for (ServerKind kind : kinds) {
                Path data = Files.createDirectory(folder.resolve(kind.label()));
                ServerProcess server = kind.start(data, Cores.SERVER);
                running.put(kind, server);
                if (part == Part.SMALL) {
                    SmallRequests.fill(server);
                } else {
                    LargeRequests.fill(kind, server, data);
                }
            }
            for (int round = 0; round <= rounds; round++) {
                for (ServerKind kind : Rounds.turned(kinds, round)) {
                    measure(part, kind, Objects.requireNonNull(running.get(kind)), round);
                }
            }
        } finally {
            running.values().forEach(ServerProcess::close);
            DataDirectory.delete(folder);
        }
    }

    private void measure(Part part, ServerKind kind, ServerProcess server, int round) throws IOException {
        if (part == Part.SMALL) {
            SmallRequests.measure(kind, server, round, this::take);
        } else {
            LargeRequests.measure(kind, server, round, this::take);
        }
    }

    private void runStarts(List<ServerKind> kinds) throws IOException {
        Path folder = DataDirectory.create();
        try {
            for (int round = 0; round <= starts; round++) {
                for (ServerKind kind : kinds) {
                    Path data = Files.createDirectory(folder.resolve(kind.label() + "-" + round));
                    take(StartUp.measure(kind, data, round));
                }
            }
        } finally {
            DataDirectory.delete(folder);
        }
    }

    private void take(ServerSample sample) {
        if (sample.round() == 0) {
            return;
        }
        samples.add(sample);
        out.printf(
                "round %d  %-28s %-13s %8s %s%n",
                sample.round(),
                sample.measurement(),
                sample.server().label(),
                ServerComparison.figure(sample.cost()),
                sample.costUnit());
    }
}
