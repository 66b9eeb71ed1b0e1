package dev.penstock.typed;

import com.google.common.collect.testing.ConcurrentMapTestSuiteBuilder;
import com.google.common.collect.testing.TestStringMapGenerator;
import com.google.common.collect.testing.features.CollectionFeature;
import com.google.common.collect.testing.features.CollectionSize;
import com.google.common.collect.testing.features.MapFeature;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import junit.framework.Test;
import org.junit.runner.RunWith;
import org.junit.runners.AllTests;

/**
 * Guava's suites of tests for concurrent maps and for their views, with every size. What the map does: put and remove,
 * also by its views and iterators. What it does not: null, neither stored nor asked for; an order; failing iterators
 * while others write, since iterators are weakly consistent; serialization.
 */
@RunWith(AllTests.class)
public final class GuavaMapSuiteTest {

    /** A test may compare maps that exist at the same time. */
    private static final int STORES = 4;

    private GuavaMapSuiteTest() {}

    /** JUnit calls it. */
    public static Test suite() {
        Stores stores = new Stores();
        Runtime.getRuntime().addShutdownHook(new Thread(stores::deleteAll));
        return ConcurrentMapTestSuiteBuilder.using(stores)
                .named("TypedStore.asMap")
                .withFeatures(
                        MapFeature.GENERAL_PURPOSE, CollectionFeature.SUPPORTS_ITERATOR_REMOVE, CollectionSize.ANY)
                .createTestSuite();
    }

    /** Makes maps of stores that are cleared and used again: a new one for each test would take a minute. */
    private static final class Stores extends TestStringMapGenerator {

        private final List<TypedStore<String, String>> open = new ArrayList<>();
        private int next;

        @Override
        protected Map<String, String> create(Map.Entry<String, String>[] entries) {
            if (open.size() < STORES) {
                open.add(TypedStore.over(openStore(), Codecs.strings(), Codecs.strings()));
            }
            TypedStore<String, String> store = open.get(next++ % STORES);
            store.store().clear();
            for (Map.Entry<String, String> entry : entries) {
                store.put(entry.getKey(), entry.getValue());
            }
            return store.asMap();
        }

        private Store openStore() {
            try {
                Path shared = Path.of("/dev/shm");
                Path directory = Files.isWritable(shared)
                        ? Files.createTempDirectory(shared, "penstock-typed")
                        : Files.createTempDirectory("penstock-typed");
                return Store.open(directory, StoreOptions.defaults().withSegmentSize(1 << 20));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** When the tests are over: the suite says when each ends, and not when all have. */
        private void deleteAll() {
            for (TypedStore<String, String> each : open) {
                Path directory = each.store().directory();
                each.store().close();
                try (Stream<Path> files = Files.list(directory)) {
                    for (Path file : files.toList()) {
                        Files.delete(file);
                    }
                    Files.delete(directory);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }
}
