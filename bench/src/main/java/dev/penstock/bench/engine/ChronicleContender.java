package dev.penstock.bench.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import net.openhft.chronicle.bytes.Byteable;
import net.openhft.chronicle.bytes.BytesStore;
import net.openhft.chronicle.map.ChronicleMap;

/**
 * A persisted Chronicle Map as its documentation would have it: told the number of entries, keys and values of types
 * that have one size, puts that return nothing, values read where they lie through a flyweight that {@code getUsing}
 * points at them. Entries carry checksums, which is its default for a file; Penstock's records do too. Keys as
 * flyweights were faster than keys as byte arrays.
 *
 * <p>A flyweight is read outside the map's lock, so a value that is overwritten meanwhile may be seen half old and half
 * new. That is the library's fastest way to read, and the one measured.
 */
final class ChronicleContender implements Contender {

    /** What its documentation asks for on JDK 17 and later; the library compiles some of its classes as it starts. */
    static final List<String> JVM_ARGUMENTS = List.of(
            "--sun-misc-unsafe-memory-access=allow",
            "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
            "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
            "--add-exports=jdk.unsupported/sun.misc=ALL-UNNAMED",
            "--add-exports=jdk.compiler/com.sun.tools.javac.file=ALL-UNNAMED",
            "--add-opens=jdk.compiler/com.sun.tools.javac=ALL-UNNAMED",
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
            "--add-opens=java.base/java.io=ALL-UNNAMED",
            "--add-opens=java.base/java.util=ALL-UNNAMED",
            "--add-opens=java.base/java.nio=ALL-UNNAMED");

    private final Path file;
    private final ChronicleMap<ChronicleKey, Value> map;

    /** @param keys how many entries the map is made for; more do not fit, and room for many more costs speed */
    ChronicleContender(Path directory, long keys) {
        file = directory.resolve("map");
        try {
            map = ChronicleMap.of(ChronicleKey.class, Value.class)
                    .name("values")
                    .entries(keys)
                    .putReturnsNull(true)
                    .createPersistedTo(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Gives a flyweight memory that is no part of a map. */
    private static <T extends Flyweight> T onItsOwn(T flyweight) {
        long length = flyweight.maxSize();
        flyweight.bytesStore(BytesStore.wrap(ByteBuffer.allocateDirect((int) length)), 0, length);
        return flyweight;
    }

    @Override
    public ContenderSession session() {
        return new ChronicleSession(map);
    }

    @Override
    public long diskBytes() {
        return file.toFile().length();
    }

    @Override
    public void close() {
        map.close();
    }

    /** Points at bytes that are somewhere else. */
    abstract static class Flyweight implements Byteable {

        @SuppressWarnings("NullAway.Init") // the map sets it before it uses the key or the value
        private BytesStore<?, ?> bytes;

        private long offset;

        @Override
        @SuppressWarnings("rawtypes") // as the interface has it
        public void bytesStore(BytesStore bytes, long offset, long length) {
            this.bytes = bytes;
            this.offset = offset;
        }

        @Override
        public BytesStore<?, ?> bytesStore() {
            return bytes;
        }

        @Override
        public long offset() {
            return offset;
        }

        long word(long at) {
            return bytes.readLong(offset + at);
        }

        void word(long at, long word) {
            bytes.writeLong(offset + at, word);
        }
    }

    /** Public, because the map makes instances of its own; it runs no constructor as it does. */
    public static final class ChronicleKey extends Flyweight {
        @Override
        public long maxSize() {
            return Dataset.KEY_LENGTH;
        }
    }

    /** Public, because the map makes instances of its own; it runs no constructor as it does. */
    public static final class Value extends Flyweight {
        @Override
        public long maxSize() {
            return Dataset.VALUE_LENGTH;
        }
    }

    private static final class ChronicleSession implements ContenderSession {

        private final ChronicleMap<ChronicleKey, Value> map;
        private final ChronicleKey key = onItsOwn(new ChronicleKey());
        private final Value value = onItsOwn(new Value());
        private final Value seen = new Value();

        ChronicleSession(ChronicleMap<ChronicleKey, Value> map) {
            this.map = map;
            value.bytesStore().write(0, Dataset.blankValue());
        }

        @Override
        public long get(long keyHigh, long keyLow) {
            fillKey(keyHigh, keyLow);
            return map.getUsing(key, seen) == null ? ABSENT : seen.word(0) ^ seen.word(Dataset.LAST_WORD_OFFSET);
        }

        @Override
        public void put(long keyHigh, long keyLow, long stamp) {
            fillKey(keyHigh, keyLow);
            value.word(0, stamp);
            value.word(Dataset.LAST_WORD_OFFSET, Dataset.lastWord(stamp));
            map.put(key, value);
        }

        private void fillKey(long keyHigh, long keyLow) {
            key.word(0, keyHigh);
            key.word(Long.BYTES, keyLow);
        }

        @Override
        public void settle() {}

        @Override
        public void close() {}
    }
}
