package dev.penstock.tools.bench;

import dev.penstock.tools.bench.load.RequestKind;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogWriter;

/**
 * Histograms of intervals in the log format of HdrHistogram, tagged with the kind of request. Values are nanoseconds.
 */
public final class HdrLog implements AutoCloseable {

    private static final double NANOS_PER_SECOND = 1e9;
    private static final double NANOS_PER_MILLISECOND = 1e6;

    private final Path file;
    private final PrintStream stream;
    private final HistogramLogWriter writer;

    public HdrLog(Path file) throws IOException {
        this.file = file;
        this.stream = new PrintStream(Files.newOutputStream(file), false, StandardCharsets.US_ASCII);
        this.writer = new HistogramLogWriter(stream);
        writer.outputComment("[Latencies of penstock bench in nanoseconds; Interval_Max is in milliseconds]");
        writer.outputLogFormatVersion();
        writer.outputStartTime(System.currentTimeMillis());
        writer.outputLegend();
    }

    /** @param fromNanos since the measurement began */
    public void write(long fromNanos, long toNanos, Map<RequestKind, Histogram> latencies) {
        latencies.forEach((kind, histogram) -> {
            histogram.setTag(kind.label());
            writer.outputIntervalHistogram(
                    fromNanos / NANOS_PER_SECOND, toNanos / NANOS_PER_SECOND, histogram, NANOS_PER_MILLISECOND);
        });
    }

    @Override
    public void close() throws IOException {
        stream.close();
        if (stream.checkError()) {
            throw new IOException(file + " could not be written");
        }
    }
}
