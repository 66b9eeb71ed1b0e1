package dev.penstock.store.internal.read;

import dev.penstock.store.internal.index.KeyDirectory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.agrona.collections.LongArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Reads keys that no caller names: walks the key directory bucket by bucket, while others write.
 *
 * <p>A bucket is read under the lock of its stripe, and its values are bound there. The visitor is called without the
 * lock. Thread-safe.
 */
public final class DirectoryScan {

    /** To choose a key by chance: so many can be looked at, and so many buckets. */
    private static final int FEW_KEYS = 512;

    private static final int MOST_BUCKETS = 1024;

    private final ReadContext context;
    private final ReadPath reads;
    private final boolean verifyOnRead;
    /** For an exception. */
    private final String reading;

    /** @param reads the reads of the same store */
    public DirectoryScan(ReadContext context, ReadPath reads, boolean verifyOnRead) {
        this.context = context;
        this.reads = reads;
        this.verifyOnRead = verifyOnRead;
        this.reading = "reading " + context.path;
    }

    /**
     * Takes one of few keys out of all, and otherwise looks into one bucket after another, chosen by chance, as most of
     * them hold a key; in a store that has become almost empty, it continues from such a place until there is one.
     */
    public <C extends RecordCursor> byte @Nullable [] randomKey(RandomGenerator random, Supplier<C> cursors) {
        List<byte[]> keys = new ArrayList<>();
        if (context.directory.count() > FEW_KEYS) {
            for (int i = 0; i < MOST_BUCKETS && keys.isEmpty(); i++) {
                int minEntries = i < MOST_BUCKETS - 1 ? 0 : 1;
                scanKeys(random.nextLong(KeyDirectory.CURSOR_LIMIT), minEntries, cursors, keys::add);
            }
        }
        if (keys.isEmpty()) {
            scanKeys(0, FEW_KEYS, cursors, keys::add);
        }
        return keys.isEmpty() ? null : keys.get(random.nextInt(keys.size()));
    }

    /** Visits some entries; see {@code Store.scan}. */
    public <C extends RecordCursor> long scan(
            long cursor, int minEntries, Supplier<C> cursors, BiConsumer<byte[], C> visitor) {
        return scan(cursor, minEntries, cursors, visitor, verifyOnRead);
    }

    /** The same for keys alone: no value is verified. */
    public <C extends RecordCursor> long scanKeys(
            long cursor, int minEntries, Supplier<C> cursors, Consumer<byte[]> visitor) {
        return scan(cursor, minEntries, cursors, (key, _) -> visitor.accept(key), false);
    }

    private <C extends RecordCursor> long scan(
            long cursor, int minEntries, Supplier<C> cursors, BiConsumer<byte[], C> visitor, boolean verifies) {
        List<C> values = new ArrayList<>();
        List<byte[]> keys = new ArrayList<>();
        LongArrayList positions = new LongArrayList();
        long next = cursor;
        int visited = 0;
        int attempt = 0;
        boolean[] allBound = new boolean[1];
        do {
            try {
                allBound[0] = true;
                long from = next;
                long after = context.errors.call(
                        reading,
                        () -> context.directory.scan(
                                from,
                                positions,
                                found -> allBound[0] = bindAll(found, keys, values, cursors, verifies)));
                if (!allBound[0]) {
                    reads.catchUp(attempt++);
                    continue;
                }
                next = after;
                attempt = 0;
                visited += values.size();
                for (int i = 0; i < values.size(); i++) {
                    byte[] key = keys.get(i);
                    C value = values.get(i);
                    value.lend(() -> {
                        visitor.accept(key, value);
                        return true;
                    });
                }
            } finally {
                values.forEach(RecordCursor::release);
                values.clear();
                keys.clear();
            }
        } while (attempt > 0 || next != 0 && visited < minEntries);
        return next;
    }

    /** Under the lock of their stripe, where nothing can be retired that is current. False if a value is gone. */
    private <C extends RecordCursor> boolean bindAll(
            LongArrayList positions, List<byte[]> keys, List<C> values, Supplier<C> cursors, boolean verifies) {
        for (int i = 0; i < positions.size(); i++) {
            long position = positions.getLong(i);
            C value = cursors.get();
            long outcome = reads.bind(position, value, verifies);
            if (outcome == ReadPath.GONE) {
                return false;
            }
            if (outcome == ReadPath.FOUND) {
                keys.add(context.segments.requireSegment(position).key(context.segments.offset(position)));
                values.add(value);
            }
        }
        return true;
    }
}
