package dev.penstock.bench.process;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;

/**
 * Runs redis-benchmark against a server.
 *
 * @param clients connections that it opens
 * @param valueLength length of the values that it sets, in bytes
 * @param keys of how many keys one is drawn for each request
 */
public record RedisBenchmark(int clients, int valueLength, int keys) {

    /** Columns of its CSV: name, rate, then average, least, p50, p95, p99 and longest latency. */
    private static final int RATE = 1;

    private static final int P50 = 4;
    private static final int P99 = 6;

    /**
     * What redis-benchmark reports.
     *
     * @param perSecond requests per second
     * @param p50Millis median of the time to a reply, or to the last one of a pipeline
     * @param p99Millis 99th percentile of that time
     */
    public record Result(double perSecond, double p50Millis, double p99Millis) {}

    /**
     * Sends requests until all are answered.
     *
     * @param command GET or SET
     * @param depth requests that each client has under way
     */
    public Result run(InetSocketAddress server, String command, int depth, int requests) throws IOException {
        String output = ExternalProgram.output(List.of(
                "redis-benchmark",
                "-h",
                server.getAddress().getHostAddress(),
                "-p",
                Integer.toString(server.getPort()),
                "-t",
                command.toLowerCase(Locale.ROOT),
                "-c",
                Integer.toString(clients),
                "-d",
                Integer.toString(valueLength),
                "-r",
                Integer.toString(keys),
                "-P",
                Integer.toString(depth),
                "-n",
                Integer.toString(requests),
                "--csv"));
        return parse(output, command);
    }

    static Result parse(String csv, String command) throws IOException {
        String start = "\"" + command + "\",";
        String[] columns = csv.lines()
                .filter(line -> line.startsWith(start))
                .findFirst()
                .orElseThrow(() -> new IOException("redis-benchmark reports no rate:\n" + csv))
                .replace("\"", "")
                .split(",", -1);
        if (columns.length <= P99) {
            throw new IOException("redis-benchmark reports no latencies; install that of Redis 6.2 or later:\n" + csv);
        }
        return new Result(
                Double.parseDouble(columns[RATE]), Double.parseDouble(columns[P50]), Double.parseDouble(columns[P99]));
    }
}
