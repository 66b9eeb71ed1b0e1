package dev.penstock.tools.command;

import dev.penstock.tools.bench.BenchReport;
import dev.penstock.tools.bench.HdrLog;
import dev.penstock.tools.bench.LoadTicker;
import dev.penstock.tools.bench.load.KeyDistribution;
import dev.penstock.tools.bench.load.LoadGenerator;
import dev.penstock.tools.bench.load.LoadListener;
import dev.penstock.tools.bench.load.LoadPlan;
import dev.penstock.tools.bench.load.LoadResult;
import dev.penstock.tools.bench.load.RequestKind;
import dev.penstock.tools.bench.load.ValueSizes;
import dev.penstock.tools.bench.load.Workload;
import dev.penstock.tools.client.RefusedException;
import dev.penstock.tools.client.RespConnection;
import dev.penstock.tools.client.ServerAccess;
import dev.penstock.tools.client.ServerAddress;
import dev.penstock.tools.client.ServerInfo;
import dev.penstock.tools.console.Json;
import dev.penstock.tools.console.ProgressDisplay;
import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.process.ToolException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.TypeConversionException;

/** {@code penstock bench}: how fast a server answers. */
@Command(
        name = "bench",
        customSynopsis = "penstock bench [OPTION]... HOST:PORT",
        description = {
            "Measure how fast a server answers. The server may be Penstock, or Redis itself.",
            "Sends requests at a fixed rate, whether or not earlier ones were answered. Latency counts from the time at"
                    + " which a request was due. Stores its keys first, with the key prefix, and leaves them there.",
            "The last line is the verdict on the figures. The exit code is 1 if the rate was not kept, the generator"
                    + " was too slow, or there were errors."
        },
        footer = {
            "  penstock bench 127.0.0.1:6380 --workload B --rate 20000",
            "  penstock bench 127.0.0.1:6380 --rate max --value-size 100:90,64k:9,1m:1"
        })
final class BenchCommand implements Callable<Integer> {

    private static final double MAX_SECONDS = 1e8;

    @ParentCommand
    private RootCommand root;

    @Parameters(
            index = "0",
            paramLabel = "HOST:PORT",
            converter = AddressConverter.class,
            description = "Address of the server, or path of its Unix domain socket.")
    private ServerAddress address;

    @Option(
            names = "--workload",
            paramLabel = "NAME",
            defaultValue = "B",
            description = "YCSB's A (half updates), B (95 %% reads), C (reads), D (95 %% reads of new "
                    + "entries) or F (half read-modify-writes). ${DEFAULT-VALUE} if not given.")
    private Workload workload;

    @Option(
            names = "--distribution",
            paramLabel = "NAME",
            converter = DistributionConverter.class,
            description = "How often each key is requested: zipfian, uniform or latest; by the workload if not given.")
    private @Nullable KeyDistribution distribution;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "10000",
            converter = RateConverter.class,
            description = "Requests per second; 'max' sends one after each reply. ${DEFAULT-VALUE} if not given.")
    private double rate;

    @Option(
            names = "--duration",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description = "Seconds to measure. ${DEFAULT-VALUE} if not given.")
    private double duration;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            defaultValue = "5",
            description = "Seconds of requests before that. ${DEFAULT-VALUE} if not given.")
    private double warmUp;

    @Option(
            names = "--keys",
            paramLabel = "N",
            defaultValue = "100000",
            description = "Number of keys to store and to request. ${DEFAULT-VALUE} if not given.")
    private long keyCount;

    @Option(
            names = "--value-size",
            paramLabel = "SIZES",
            defaultValue = "100",
            converter = SizesConverter.class,
            description = "Bytes of a value: 100, 64-4k for any length between, or with weights as in "
                    + "100:90,64k:9,1m:1. ${DEFAULT-VALUE} if not given.")
    private ValueSizes sizes;

    @Option(
            names = "--connections",
            paramLabel = "N",
            defaultValue = "32",
            description = "Number of connections. ${DEFAULT-VALUE} if not given.")
    private int connections;

    @Option(
            names = "--pipeline",
            paramLabel = "N",
            defaultValue = "1",
            description = "Maximum number of unanswered requests on a connection. ${DEFAULT-VALUE} if not given.")
    private int pipeline;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "1",
            description = "Threads of the generator, which share the connections. ${DEFAULT-VALUE} if not given.")
    private int threads;

    @Option(
            names = "--key-prefix",
            paramLabel = "TEXT",
            defaultValue = "bench:",
            description = "Prefix of all keys. '${DEFAULT-VALUE}' if not given.")
    private String keyPrefix;

    @Option(names = "--skip-fill", description = "Do not store the keys first, because the server has them.")
    private boolean skipFill;

    @Option(names = "--fill-only", description = "Store the keys, and measure nothing.")
    private boolean fillOnly;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Repeat the keys, sizes and kinds of requests of a run that printed this seed.")
    private @Nullable Long seed;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Option(
            names = "--hdr-log",
            paramLabel = "FILE",
            description = "Write a histogram of each second and kind of request to FILE, in the log format of "
                    + "HdrHistogram.")
    private @Nullable Path hdrLog;

    @Mixin
    private ConnectionOptions connection;

    @Override
    public Integer call() throws IOException, InterruptedException {
        LoadPlan plan = plan();
        ServerAccess access = connection.access(address);
        String server = server(access);
        LoadResult result;
        try (ProgressDisplay fill = new ProgressDisplay("fill", root.console());
                HdrLog log = hdrLog == null ? null : new HdrLog(hdrLog);
                LoadTicker ticker = new LoadTicker(root.console(), plan)) {
            result = LoadGenerator.run(access, plan, new LoadListener() {
                @Override
                public void filled(long doneBytes, long totalBytes) {
                    fill.progress(doneBytes, totalBytes);
                }

                @Override
                public void interval(long fromNanos, long toNanos, Map<RequestKind, Histogram> latencies) {
                    if (log != null) {
                        log.write(fromNanos, toNanos, latencies);
                    }
                    ticker.show(toNanos, latencies);
                }
            });
        }
        BenchReport report = new BenchReport(address, server, plan, result);
        if (json) {
            Json.line(root.console(), report.json());
        } else {
            report.print(root.console());
        }
        boolean good = result.errors() == 0 && (fillOnly || result.verdict().isGood());
        return good ? ExitCode.OK : ExitCode.NEGATIVE;
    }

    private LoadPlan plan() {
        try {
            return new LoadPlan(
                    workload,
                    distribution == null ? workload.distribution() : distribution,
                    keyCount,
                    keyPrefix,
                    sizes,
                    rate,
                    seconds("--warm-up", warmUp),
                    seconds("--duration", duration),
                    connections,
                    pipeline,
                    threads,
                    !skipFill,
                    !fillOnly,
                    seed == null ? new SplittableRandom().nextLong() >>> 1 : seed);
        } catch (IllegalArgumentException e) {
            throw new ToolException(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
        }
    }

    private static Duration seconds(String option, double seconds) {
        if (!(seconds >= 0 && seconds <= MAX_SECONDS)) {
            throw new IllegalArgumentException(option + " must be from 0 to " + (long) MAX_SECONDS + " seconds");
        }
        return Duration.ofNanos((long) (seconds * 1e9));
    }

    /** What the server calls itself. This first look at it also tells most errors in the fewest words. */
    private static String server(ServerAccess access) throws IOException {
        try (RespConnection connection = RespConnection.open(access)) {
            connection.request("PING");
            try {
                return ServerInfo.product(
                        ServerInfo.parse(connection.request("INFO", "server").asText()));
            } catch (RefusedException e) {
                return "a server that does not report its name";
            }
        } catch (RefusedException e) {
            throw new IOException(access.address() + ": the server refused: " + e.getMessage(), e);
        }
    }

    /** Takes {@code HOST:PORT} and paths. */
    static final class AddressConverter implements ITypeConverter<ServerAddress> {
        @Override
        public ServerAddress convert(String text) {
            return ServerAddress.parse(text);
        }
    }

    /** Takes the names in lower case. */
    static final class DistributionConverter implements ITypeConverter<KeyDistribution> {
        @Override
        public KeyDistribution convert(String text) {
            for (KeyDistribution candidate : KeyDistribution.values()) {
                if (candidate.name().toLowerCase(Locale.ROOT).equals(text)) {
                    return candidate;
                }
            }
            throw new TypeConversionException("'" + text + "' is none of zipfian, uniform and latest");
        }
    }

    /** Takes a number or 'max'. */
    static final class RateConverter implements ITypeConverter<Double> {
        @Override
        public Double convert(String text) {
            if (text.equals("max")) {
                return Double.POSITIVE_INFINITY;
            }
            double rate = text.matches("[0-9]{1,12}(\\.[0-9]{1,9})?") ? Double.parseDouble(text) : 0;
            if (rate == 0) {
                throw new TypeConversionException(
                        "'" + text + "' is neither a number above 0 and below 10^12 nor 'max'");
            }
            return rate;
        }
    }

    /** Takes sizes with weights. */
    static final class SizesConverter implements ITypeConverter<ValueSizes> {
        @Override
        public ValueSizes convert(String text) {
            return ValueSizes.parse(text);
        }
    }
}
