package dev.penstock.server.status;

import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;

/**
 * The metrics of the JVM and its process, under the names that the Prometheus library gives them, except those that
 * stop all threads: the search for deadlocks takes a safepoint. Any thread.
 */
final class JvmFigures {

    private static final String DEADLOCKS = "jvm_threads_deadlocked";

    /** One for all servers of this JVM: it listens to the garbage collector, and nothing ends that. */
    private static final PrometheusRegistry REGISTRY = registry();

    private JvmFigures() {}

    private static PrometheusRegistry registry() {
        PrometheusRegistry registry = new PrometheusRegistry();
        JvmMetrics.builder().register(registry);
        return registry;
    }

    static MetricSnapshots now() {
        return REGISTRY.scrape(name -> !name.startsWith(DEADLOCKS));
    }
}
