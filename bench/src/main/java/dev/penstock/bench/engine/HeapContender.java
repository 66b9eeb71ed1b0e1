package dev.penstock.bench.engine;

import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A ConcurrentHashMap of byte arrays on the heap: no file, no recovery, nothing left when the process ends. The ceiling
 * a store on disk is held against.
 */
final class HeapContender implements Contender {

    private final ConcurrentHashMap<Key, byte[]> map = new ConcurrentHashMap<>();

    @Override
    public ContenderSession session() {
        return new HeapSession(map);
    }

    @Override
    public long diskBytes() {
        return 0;
    }

    @Override
    public void close() {
        map.clear();
    }

    /** A byte array with the equality a map needs, and its hash kept as String keeps its own. */
    private static final class Key {

        private final byte[] bytes;
        private final int hash;

        Key(byte[] bytes) {
            this.bytes = bytes;
            this.hash = Arrays.hashCode(bytes);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && Arrays.equals(bytes, key.bytes);
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }

    private static final class HeapSession implements ContenderSession {

        private final ConcurrentHashMap<Key, byte[]> map;
        private final byte[] probe = new byte[Dataset.KEY_LENGTH];

        HeapSession(ConcurrentHashMap<Key, byte[]> map) {
            this.map = map;
        }

        @Override
        public long get(long keyHigh, long keyLow) {
            Dataset.fillKey(probe, keyHigh, keyLow);
            byte[] value = map.get(new Key(probe));
            if (value == null) {
                return ABSENT;
            }
            return (long) Dataset.WORD.get(value, 0) ^ (long) Dataset.WORD.get(value, Dataset.LAST_WORD_OFFSET);
        }

        @Override
        public void put(long keyHigh, long keyLow, long stamp) {
            byte[] key = new byte[Dataset.KEY_LENGTH];
            Dataset.fillKey(key, keyHigh, keyLow);
            byte[] value = Dataset.blankValue();
            Dataset.stampValue(value, stamp);
            map.put(new Key(key), value);
        }

        @Override
        public void settle() {}

        @Override
        public void close() {}
    }
}
