package dev.penstock.cluster.raft;

import dev.penstock.cluster.entry.LogEntry;
import dev.penstock.cluster.entry.LogEntryReader;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.WriteBatch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A store that executes {@code SET key value} and {@code INCR key} on a thread of its own, all entries that it gets as
 * one batch with the mark of the last. {@code INCR} shows whether an entry was applied twice.
 */
final class StoreReplica implements Replica, AutoCloseable {

    /** Where something may go wrong. */
    enum Step {
        BEFORE_THE_BATCH,
        AFTER_THE_BATCH,
        SYNC
    }

    /** Throws what goes wrong, or waits. */
    interface Trouble {
        void at(Step step) throws Exception;
    }

    private final Store store;
    private final ExecutorService loop = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("replica").factory());
    private final List<Long> executed = new ArrayList<>();
    private volatile Trouble trouble = _ -> {};
    private volatile boolean hasFailed;

    StoreReplica(Path folder) {
        store = Store.open(
                folder, StoreOptions.defaults().withCreateIfMissing(true).withSegmentSize(4 << 20));
    }

    void trouble(Trouble next) {
        trouble = next;
    }

    /** From now on it is as a store whose force has failed. */
    void fail() {
        hasFailed = true;
    }

    @Override
    public LogPosition applied() {
        return LogPosition.ofMark(store.mark());
    }

    @Override
    public CompletableFuture<Void> apply(List<CommittedEntry> entries) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        applyNow(entries);
                    } catch (RuntimeException e) {
                        throw e;
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                },
                loop);
    }

    private void applyNow(List<CommittedEntry> entries) throws Exception {
        Map<String, String> changes = new HashMap<>();
        for (CommittedEntry committed : entries) {
            LogEntry entry = committed.entry();
            if (entry != null) {
                execute(entry, changes);
            }
        }
        WriteBatch batch = new WriteBatch();
        changes.forEach((key, value) -> batch.put(bytes(key), bytes(value)));
        batch.mark(entries.getLast().position().toMark());
        if (hasFailed) {
            throw new IllegalStateException("the store has failed");
        }
        trouble.at(Step.BEFORE_THE_BATCH);
        store.write(batch);
        synchronized (executed) {
            entries.forEach(committed -> executed.add(committed.position().index()));
        }
        trouble.at(Step.AFTER_THE_BATCH);
    }

    private void execute(LogEntry entry, Map<String, String> changes) {
        LogEntryReader reader = entry.reader();
        while (reader.next()) {
            String key = text(reader.argument(1));
            switch (text(reader.argument(0))) {
                case "SET" -> changes.put(key, text(reader.argument(2)));
                case "INCR" -> changes.put(key, "" + (Long.parseLong(changes.getOrDefault(key, get(key))) + 1));
                default -> throw new IllegalArgumentException(text(reader.argument(0)));
            }
        }
    }

    /** What no machine may do: a mark that names an entry whose predecessors are not applied. */
    void markNow(LogPosition position) {
        store.write(new WriteBatch().mark(position.toMark()));
    }

    /** The value of a key; 0 if there is none. */
    String get(String key) {
        byte[] value = store.getBytes(bytes(key));
        return value == null ? "0" : text(value);
    }

    Map<String, String> contents() {
        Map<String, String> contents = new TreeMap<>();
        store.forEach((key, value) -> contents.put(text(key), get(text(key))));
        return contents;
    }

    /** The index of each entry that was executed since the store was opened, in that order. */
    List<Long> executed() {
        synchronized (executed) {
            return List.copyOf(executed);
        }
    }

    @Override
    public void sync() throws IOException {
        try {
            trouble.at(Step.SYNC);
        } catch (Exception e) {
            throw new IOException(e);
        }
        store.sync();
    }

    @Override
    public boolean hasFailed() {
        return hasFailed;
    }

    @Override
    public void close() {
        loop.shutdownNow();
        loop.close();
        store.close();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
