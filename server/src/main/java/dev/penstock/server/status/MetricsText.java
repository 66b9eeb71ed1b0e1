package dev.penstock.server.status;

import dev.penstock.server.metrics.Latencies;
import dev.penstock.server.report.Figure;
import dev.penstock.server.report.Overview;
import dev.penstock.server.report.Overview.Durations;
import dev.penstock.server.report.Overview.Section;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/** The figures as collectors of metrics want them. */
final class MetricsText {

    private static final String PREFIX = "penstock_";

    private final ExpositionFormatWriter writer;
    private final Overview overview;

    MetricsText(Overview overview, MetricsFormat format) {
        this.overview = overview;
        this.writer = format.writer();
    }

    String contentType() {
        return writer.getContentType();
    }

    void writeTo(OutputStream target) throws IOException {
        List<MetricSnapshot> snapshots = new ArrayList<>();
        for (Section section : overview.sections()) {
            section.figures().forEach(figure -> snapshots.add(snapshot(figure)));
        }
        overview.durations().forEach(durations -> snapshots.add(histogram(durations)));
        writer.write(target, new MetricSnapshots(snapshots));
    }

    private static MetricSnapshot snapshot(Figure figure) {
        String name = PREFIX + figure.name();
        return switch (figure.kind()) {
            case COUNTER ->
                CounterSnapshot.builder()
                        .name(name)
                        .help(figure.text())
                        .dataPoint(CounterDataPointSnapshot.builder()
                                .value(value(figure))
                                .build())
                        .build();
            case GAUGE ->
                GaugeSnapshot.builder()
                        .name(name)
                        .help(figure.text())
                        .dataPoint(GaugeDataPointSnapshot.builder()
                                .value(value(figure))
                                .build())
                        .build();
        };
    }

    private static double value(Figure figure) {
        return switch (figure.unit()) {
            case NUMBER, BYTES -> figure.value();
            case PERCENT -> figure.value() / 1e2;
        };
    }

    private static HistogramSnapshot histogram(Durations durations) {
        Latencies latencies = durations.latencies();
        double[] bounds = new double[Latencies.BUCKETS];
        long[] counts = new long[Latencies.BUCKETS];
        for (int i = 0; i < bounds.length; i++) {
            bounds[i] = Latencies.boundSeconds(i);
            counts[i] = latencies.count(i);
        }
        HistogramDataPointSnapshot.Builder point = HistogramDataPointSnapshot.builder()
                .classicHistogramBuckets(ClassicHistogramBuckets.of(bounds, counts));
        if (latencies.sumSeconds() > 0) {
            point.sum(latencies.sumSeconds());
        }
        return HistogramSnapshot.builder()
                .name(PREFIX + durations.name())
                .help(durations.title())
                .dataPoint(point.build())
                .build();
    }
}
