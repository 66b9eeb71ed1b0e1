package dev.penstock.server.status;

import dev.penstock.server.metrics.LatencyHistogram;
import dev.penstock.server.report.Metric;
import dev.penstock.server.report.MetricsSnapshot;
import dev.penstock.server.report.MetricsSnapshot.Durations;
import dev.penstock.server.report.MetricsSnapshot.Section;
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
    private final MetricsSnapshot snapshot;

    private final MetricSnapshots jvm;

    /** @param jvm further metrics */
    MetricsText(MetricsSnapshot snapshot, MetricSnapshots jvm, MetricsFormat format) {
        this.snapshot = snapshot;
        this.jvm = jvm;
        this.writer = format.writer();
    }

    String contentType() {
        return writer.getContentType();
    }

    void writeTo(OutputStream target) throws IOException {
        List<MetricSnapshot> snapshots = new ArrayList<>();
        for (Section section : snapshot.sections()) {
            section.metrics().forEach(metric -> snapshots.add(snapshot(metric)));
        }
        snapshot.durations().forEach(durations -> snapshots.add(histogram(durations)));
        jvm.forEach(snapshots::add);
        writer.write(target, new MetricSnapshots(snapshots));
    }

    private static MetricSnapshot snapshot(Metric metric) {
        String name = PREFIX + metric.name();
        return switch (metric.kind()) {
            case COUNTER ->
                CounterSnapshot.builder()
                        .name(name)
                        .help(metric.text())
                        .dataPoint(CounterDataPointSnapshot.builder()
                                .value(value(metric))
                                .build())
                        .build();
            case GAUGE ->
                GaugeSnapshot.builder()
                        .name(name)
                        .help(metric.text())
                        .dataPoint(GaugeDataPointSnapshot.builder()
                                .value(value(metric))
                                .build())
                        .build();
        };
    }

    private static double value(Metric metric) {
        return switch (metric.unit()) {
            case NUMBER, BYTES -> metric.value();
            case PERCENT -> metric.value() / 1e2;
        };
    }

    private static HistogramSnapshot histogram(Durations durations) {
        LatencyHistogram latencies = durations.latencies();
        double[] bounds = new double[LatencyHistogram.BUCKETS];
        long[] counts = new long[LatencyHistogram.BUCKETS];
        for (int i = 0; i < bounds.length; i++) {
            bounds[i] = LatencyHistogram.boundSeconds(i);
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
