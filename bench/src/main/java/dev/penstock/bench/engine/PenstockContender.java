package dev.penstock.bench.engine;

import dev.penstock.store.CompactionReport;
import dev.penstock.store.Durability;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.ValueHandler;
import dev.penstock.store.ValueView;
import dev.penstock.store.WriteBatch;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Penstock with its default options, except when it forces: reads look at the mapped page. */
public final class PenstockContender implements Contender {

    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Store store;

    /** @param forced whether a put is on the device when it returns; without, it survives the process only */
    public PenstockContender(Path directory, boolean forced) {
        store = Store.open(
                directory, StoreOptions.defaults().withDurability(forced ? Durability.ALWAYS : Durability.NONE));
    }

    @Override
    public ContenderSession session() {
        return new PenstockSession(store);
    }

    @Override
    public long diskBytes() {
        return store.fileBytes();
    }

    /** The store itself, for what no other engine can do. */
    public Store store() {
        return store;
    }

    /** Memory of the key directory. */
    public long indexBytes() {
        return store.stats().index().bytes();
    }

    public CompactionReport compact() {
        return store.compact(ProgressListener.NONE);
    }

    @Override
    public void close() {
        store.close();
    }

    private static final class PenstockSession implements ContenderSession {

        private final Store store;
        private final byte[] key = new byte[Dataset.KEY_LENGTH];
        private final byte[] value = Dataset.blankValue();
        private final ValueView view = new ValueView();
        private final WriteBatch batch = new WriteBatch();
        private List<byte[]> keys = List.of();
        private List<byte[]> values = List.of();

        private long seen;
        private final ValueHandler addBothEnds = (index, found) -> seen ^= found == null ? ABSENT : bothEnds(found);

        PenstockSession(Store store) {
            this.store = store;
        }

        @Override
        public long get(long keyHigh, long keyLow) {
            Dataset.fillKey(key, keyHigh, keyLow);
            if (!store.get(key, view)) {
                return ABSENT;
            }
            long bothEnds = bothEnds(view);
            view.close();
            return bothEnds;
        }

        private static long bothEnds(ValueView view) {
            return view.getLong(0, WORD.order()) ^ view.getLong(Dataset.LAST_WORD_OFFSET, WORD.order());
        }

        @Override
        public long getAll(long[] numbers) {
            fillKeys(numbers);
            seen = 0;
            store.getAll(keys, addBothEnds);
            return seen;
        }

        @Override
        public void putAll(long[] numbers, long stampOffset) {
            fillKeys(numbers);
            batch.clear();
            for (int i = 0; i < numbers.length; i++) {
                Dataset.stampValue(values.get(i), numbers[i] + stampOffset);
                batch.put(keys.get(i), values.get(i));
            }
            store.write(batch);
        }

        /**
         * The batch does not copy, so each of its keys and values has a separate array, used again by the next
         * batch.
         */
        private void fillKeys(long[] numbers) {
            if (keys.size() != numbers.length) {
                keys = Stream.generate(() -> new byte[Dataset.KEY_LENGTH])
                        .limit(numbers.length)
                        .toList();
                values = Stream.generate(Dataset::blankValue)
                        .limit(numbers.length)
                        .toList();
            }
            for (int i = 0; i < numbers.length; i++) {
                Dataset.fillKey(keys.get(i), Dataset.high(numbers[i]), Dataset.low(numbers[i]));
            }
        }

        @Override
        public void put(long keyHigh, long keyLow, long stamp) {
            Dataset.fillKey(key, keyHigh, keyLow);
            Dataset.stampValue(value, stamp);
            store.put(key, value);
        }

        @Override
        public void settle() {}

        @Override
        public void close() {}
    }
}
