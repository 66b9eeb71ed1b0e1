package dev.penstock.bench.instructions;

import java.util.Arrays;
import java.util.List;

/** What can be counted, in the order of the table. */
enum CountedOperation {
    /** Draws a number and computes its key: what is not the engine's in all the others. */
    EMPTY("harness alone", 1),
    GET("get", 1),
    MISS("miss", 1),
    CONTAINS("contains", 1),
    COPY_FRAME("copyFrame", 1),
    GET_16("get, 16 at a time", 16),
    OVERWRITE("overwrite", 1),
    PUT_NEW("put of a new key", 1),
    HASHMAP_GET("ConcurrentHashMap get", 1);

    private final String label;
    private final int batch;

    CountedOperation(String label, int batch) {
        this.label = label;
        this.batch = batch;
    }

    /** The name in tables. */
    String label() {
        return label;
    }

    /** How many keys one iteration of the loop works on. */
    int batch() {
        return batch;
    }

    /** The name on the command line and in the file of budgets. */
    String key() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    /** Whether the operation needs a store that was loaded before. */
    boolean isOnStore() {
        return this != EMPTY && this != HASHMAP_GET;
    }

    /** Whether the operation leaves the store as it was. */
    boolean isRead() {
        return this != OVERWRITE && this != PUT_NEW;
    }

    /** @throws IllegalArgumentException if there is no such operation */
    static CountedOperation ofKey(String key) {
        return Arrays.stream(values())
                .filter(operation -> operation.key().equals(key))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no operation is called " + key));
    }

    /** Reads before writes, so that every read finds the store as it was loaded. */
    static List<CountedOperation> readsFirst(List<CountedOperation> operations) {
        return operations.stream()
                .sorted((a, b) -> Boolean.compare(b.isRead(), a.isRead()))
                .toList();
    }
}
