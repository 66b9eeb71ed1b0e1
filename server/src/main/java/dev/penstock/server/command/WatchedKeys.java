package dev.penstock.server.command;

import dev.penstock.server.transfer.MemoryBudget;
import dev.penstock.store.Store;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * The keys that a client watches, with the versions that they had. A key has changed if its version is another one now; so
 * has one that expired since.
 */
final class WatchedKeys implements AutoCloseable {

    /** What an entry takes beside the key. */
    private static final int ENTRY_LENGTH = 160;

    private final Map<ByteBuffer, Long> versions = new HashMap<>();
    private MemoryBudget budget;
    private long reserved;

    /** @param memory what the keys are counted in */
    void add(byte[] key, Store store, MemoryBudget memory) {
        ByteBuffer wrapped = ByteBuffer.wrap(key);
        if (versions.containsKey(wrapped)) {
            return;
        }
        budget = memory;
        budget.reserveMore(key.length + ENTRY_LENGTH);
        reserved += key.length + ENTRY_LENGTH;
        versions.put(wrapped, Overlay.version(store, key));
    }

    boolean haveChanged(Store store) {
        return versions.entrySet().stream()
                .anyMatch(entry -> Overlay.version(store, Arguments.bytes(entry.getKey())) != entry.getValue());
    }

    /** Makes what the overlay commits depend on them. */
    void guard(Overlay overlay) {
        versions.forEach((key, version) -> overlay.expect(key, version));
    }

    /** Watches none any more. */
    @Override
    public void close() {
        if (!versions.isEmpty()) {
            versions.clear();
            budget.release(reserved);
            reserved = 0;
        }
    }
}
