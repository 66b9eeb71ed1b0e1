package dev.penstock.examples;

import dev.penstock.store.WriteOptions;
import dev.penstock.typed.Codecs;
import dev.penstock.typed.TypedEntry;
import dev.penstock.typed.TypedStore;
import dev.penstock.typed.json.JsonCodec;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentMap;

/** Records as values: by version, as a map, and with a stage that completes when a write is durable. */
final class Typed {

    private Typed() {}

    /**
     * An order.
     *
     * @param customer who ordered
     * @param items what was ordered
     */
    record Order(String customer, List<String> items) {}

    /** @param arguments the directory of the store */
    public static void main(String[] arguments) {
        try (TypedStore<String, Order> orders =
                TypedStore.open(Path.of(arguments[0]), Codecs.strings(), JsonCodec.of(Order.class))) {
            orders.put("1001", new Order("Ada", List.of("tea")));
            TypedEntry<String, Order> entry = orders.getEntry("1001"); // null if the key is absent
            Order changed = new Order(entry.value().customer(), List.of("tea", "cup"));
            boolean stored = orders.put("1001", changed, WriteOptions.defaults().ifVersion(entry.version()));
            orders.putAsync("1002", new Order("Bob", List.of("jug")))
                    .thenAccept(written -> System.out.println("order 1002 is on the device"))
                    .toCompletableFuture()
                    .join();
            ConcurrentMap<String, Order> map = orders.asMap();
            System.out.println(stored + ", " + map.size() + " orders, of "
                    + map.get("1002").customer());
        }
    }
}
