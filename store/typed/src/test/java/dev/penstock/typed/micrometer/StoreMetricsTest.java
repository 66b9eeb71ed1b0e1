package dev.penstock.typed.micrometer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.Store;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store's metrics have the names and types that the reference gives to those of a server. */
class StoreMetricsTest {

    private static final Path REFERENCE = Path.of("..", "..", "docs", "reference", "metrics.md");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(penstock_\\w+)` \\| (\\w+) \\|");
    private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE (\\w+) (\\w+)$");

    /** What the reference has of a store, and no figure of the store says. */
    private static final Set<String> OF_SERVERS_ALONE =
            Set.of("penstock_store_disk_free_bytes", "penstock_store_force_duration_seconds");

    @TempDir
    Path directory;

    /** Types by name, of the sections Store and Compaction. */
    private static Map<String, String> documented() throws IOException {
        String page = Files.readString(REFERENCE);
        Map<String, String> types = new TreeMap<>();
        ROW.matcher(page.substring(0, page.indexOf("\n## Commands")))
                .results()
                .forEach(row -> types.put(row.group(1), row.group(2)));
        return types;
    }

    @Test
    void namesAndTypesAreThoseOfTheReference() throws IOException {
        Map<String, String> expected = documented();
        assertTrue(expected.keySet().removeAll(OF_SERVERS_ALONE));
        assertTrue(expected.keySet().removeIf(name -> name.startsWith("penstock_cluster_")));
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        try (Store store = Store.open(directory)) {
            new StoreMetrics(store).bindTo(registry);
            Map<String, String> types = new TreeMap<>();
            TYPE.matcher(registry.scrape()).results().forEach(type -> types.put(type.group(1), type.group(2)));
            assertEquals(expected, types);
        }
    }

    @Test
    void figuresAreThoseOfTheStore() {
        try (Store store = Store.open(directory)) {
            for (int i = 0; i < 10; i++) {
                store.put(new byte[] {(byte) i}, new byte[100]);
            }
            store.put(new byte[] {11}, new byte[2 << 20]);
            MeterRegistry registry = new SimpleMeterRegistry();
            new StoreMetrics(store, Tags.of("store", "orders")).bindTo(registry);
            assertEquals(
                    11,
                    registry.get("penstock.keys").tag("store", "orders").gauge().value());
            assertEquals(1, registry.get("penstock.store.large.values").gauge().value());
            assertEquals(
                    (double) store.liveBytes(),
                    registry.get("penstock.store.live").gauge().value());
            assertTrue(registry.get("penstock.store.appended").functionCounter().count() > 1_000);
        }
    }

    @Test
    void aClosedStoreHasNoFiguresAndFailsNoCollector() {
        MeterRegistry registry = new SimpleMeterRegistry();
        Store store = Store.open(directory);
        store.put(new byte[1], new byte[100]);
        new StoreMetrics(store).bindTo(registry);
        double appended =
                registry.get("penstock.store.appended").functionCounter().count();
        store.close();
        Set<Double> later = new TreeSet<>();
        for (long end = System.nanoTime() + 20_000_000_000L; System.nanoTime() < end && !later.contains(Double.NaN); ) {
            later.add(registry.get("penstock.keys").gauge().value());
        }
        assertTrue(later.contains(Double.NaN), "a reading is shared for a second at most");
        assertEquals(
                appended,
                registry.get("penstock.store.appended").functionCounter().count());
        assertFalse(later.isEmpty());
    }
}
