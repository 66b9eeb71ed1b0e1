package dev.penstock.bench;

import dev.penstock.store.Store;
import dev.penstock.store.ValueView;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;

/** Penstock with its default options: reads look at the mapped page, writes survive the process but are not forced. */
final class PenstockContender implements Contender {

    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Store store;

    PenstockContender(Path directory) {
        store = Store.open(directory);
    }

    @Override
    public Session session() {
        return new PenstockSession(store);
    }

    @Override
    public long diskBytes() {
        return store.fileBytes();
    }

    @Override
    public void close() {
        store.close();
    }

    private static final class PenstockSession implements Session {

        private final Store store;
        private final byte[] key = new byte[Keys.KEY_LENGTH];
        private final byte[] value = Keys.blankValue();

        PenstockSession(Store store) {
            this.store = store;
        }

        @Override
        public long get(long keyHigh, long keyLow) {
            Keys.fillKey(key, keyHigh, keyLow);
            try (ValueView view = store.get(key)) {
                if (view == null) {
                    return ABSENT;
                }
                MemorySegment bytes = view.segment();
                return bytes.get(WORD, 0) ^ bytes.get(WORD, Keys.LAST_WORD_OFFSET);
            }
        }

        @Override
        public void put(long keyHigh, long keyLow, long stamp) {
            Keys.fillKey(key, keyHigh, keyLow);
            Keys.stampValue(value, stamp);
            store.put(key, value);
        }

        @Override
        public void settle() {}

        @Override
        public void close() {}
    }
}
