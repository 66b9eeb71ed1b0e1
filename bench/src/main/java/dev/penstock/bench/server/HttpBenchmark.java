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
 * The program behind {@code bench/http-server}. Both servers run side by side, and only one is asked at a time, in an
 * order that turns from round to round. A first round, whose figures are dropped, warms them up.
 */
@Command(
        name = "bench/http-server",
        sortOptions = false,
        description = "Measures what HTTP costs Penstock's server and nginx in processor time, and how long small"
                + " requests wait beside downloads. As root it does so with each congestion control.")
final class HttpBenchmark implements Callable<Integer> {

    @Option(names = "--rounds", defaultValue = "3", description = "Measured rounds (${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--percent",
            defaultValue = "100",
            description = "How much of a round's requests is sent (${DEFAULT-VALUE}); fewer for a trial.")
    private int percent;

    @Option(
            names = "--congestion",
            split = ",",
            defaultValue = "cubic,bbr",
            description = "Congestion controls (${DEFAULT-VALUE}); the present one without root.")
    private List<String> congestions = List.of();

    @Mixin
    private ResultOptions results;

    private final PrintStream out;
    private final List<ServerSample> samples = new ArrayList<>();

    private HttpBenchmark(PrintStream out) {
        this.out = out;
    }

    public static void main(String[] args) {
        System.exit(new CommandLine(new HttpBenchmark(System.out)).execute(args));
    }

    @Override
    public Integer call() throws IOException {
        Report report = Report.begin("http-server", DataDirectory.parent());
        out.println(report.heading());
        Path folder = DataDirectory.create();
        Map<ServerKind, ServerProcess> running = new EnumMap<>(ServerKind.class);
        List<ServerKind> kinds = List.of(ServerKind.PENSTOCK, ServerKind.NGINX);
        try (Congestion congestion = Congestion.begin()) {
            for (String name : congestion.choosable(congestions)) {
                congestion.choose(name); // before the servers listen: a connection has what its listener had
                for (ServerKind kind : kinds) {
                    Path data = Files.createDirectory(folder.resolve(kind.label() + "-" + name));
                    ServerProcess server = HttpPeer.start(kind, data);
                    running.put(kind, server);
                    HttpRequests.fill(kind, server);
                }
                for (int round = 0; round <= rounds; round++) {
                    for (ServerKind kind : Rounds.turned(kinds, round)) {
                        ServerProcess server = Objects.requireNonNull(running.get(kind));
                        HttpRequests.measure(kind, server, name, round, percent, this::take);
                    }
                }
                running.values().forEach(ServerProcess::close);
                running.clear();
            }
        } finally {
            running.values().forEach(ServerProcess::close);
            DataDirectory.delete(folder);
        }
        ServerComparison comparison = new ServerComparison(samples);
        out.printf("%nmedian of %d rounds%n%n%s", rounds, comparison.table());
        out.printf("%nwritten: %s%n", report.write(results.folder(), comparison.rows(), samples));
        return 0;
    }

    private void take(ServerSample sample) {
        if (sample.round() == 0) {
            return;
        }
        samples.add(sample);
        out.printf(
                "round %d  %-42s %-13s %8s %s%n",
                sample.round(),
                sample.measurement(),
                sample.server().label(),
                ServerComparison.figure(sample.cost()),
                sample.costUnit());
    }
}
