package dev.penstock.store;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every combination of options, by every way of writing, does what its parts say; contradictory ones are refused. */
class WriteOptionsTest {

    private static final long NOW = 1_000_000;
    private static final long OLD_EXPIRY = NOW + 500;
    private static final int LARGE = 300_000;

    @TempDir
    Path directory;

    private final AtomicLong now = new AtomicLong(NOW);

    /** What a key is before the write. */
    enum Before {
        ABSENT,
        EXPIRED,
        LASTING,
        EXPIRING;

        boolean isPresent() {
            return this == LASTING || this == EXPIRING;
        }
    }

    enum Expires {
        NEVER,
        AT,
        PAST,
        IN,
        KEPT;

        WriteOptions add(WriteOptions options) {
            return switch (this) {
                case NEVER -> options;
                case AT -> options.expiresAt(Instant.ofEpochMilli(NOW + 77));
                case PAST -> options.expiresAt(Instant.ofEpochMilli(NOW - 1));
                case IN -> options.expiresIn(Duration.ofMillis(99));
                case KEPT -> options.keepExpiry();
            };
        }

        /** What {@link Expiries#expiryOf} gives after the write. */
        long after(Before before) {
            return switch (this) {
                case NEVER -> Expiries.NO_EXPIRY;
                case AT -> NOW + 77;
                case PAST -> Expiries.ABSENT;
                case IN -> NOW + 99;
                case KEPT -> before == Before.EXPIRING ? OLD_EXPIRY : Expiries.NO_EXPIRY;
            };
        }
    }

    enum Condition {
        NONE,
        ABSENT,
        PRESENT,
        VERSION,
        OTHER_VERSION,
        NO_VERSION,
        VALUE,
        OTHER_VALUE;

        WriteOptions add(WriteOptions options, long version, byte[] value) {
            return switch (this) {
                case NONE -> options;
                case ABSENT -> options.ifAbsent();
                case PRESENT -> options.ifPresent();
                case VERSION -> options.ifVersion(version);
                case OTHER_VERSION -> options.ifVersion(version + 1);
                case NO_VERSION -> options.ifVersion(0);
                case VALUE -> options.ifValue(value);
                case OTHER_VALUE -> options.ifValue(Arrays.copyOf(value, value.length + 1));
            };
        }

        boolean holds(Before before) {
            return switch (this) {
                case NONE -> true;
                case ABSENT, NO_VERSION -> !before.isPresent();
                case PRESENT, VALUE -> before.isPresent();
                case VERSION -> true; // 0 of an absent key
                case OTHER_VERSION, OTHER_VALUE -> false;
            };
        }
    }

    /** The ways to store a value with options. */
    enum Way {
        ARRAYS,
        KEY_AND_ARRAY,
        KEY_AND_BUFFER,
        KEY_AND_SEGMENT,
        STREAM,
        STREAM_OF_UNKNOWN_LENGTH,
        BATCH,
        BATCH_WITH_KEY;

        static final Set<Way> OF_BATCH = EnumSet.of(BATCH, BATCH_WITH_KEY);

        boolean put(Store store, byte[] key, byte[] value, WriteOptions options) {
            try (Arena arena = Arena.ofConfined()) {
                Key part = Key.of(padded(key), 3, key.length);
                return switch (this) {
                    case ARRAYS -> store.put(key, value, options);
                    case KEY_AND_ARRAY -> store.put(part, value, options);
                    case KEY_AND_BUFFER ->
                        store.put(Key.of(direct(key)), ByteBuffer.wrap(padded(value), 3, value.length), options);
                    case KEY_AND_SEGMENT ->
                        store.put(
                                Key.of(arena.allocateFrom(ValueLayout.JAVA_BYTE, key)),
                                arena.allocateFrom(ValueLayout.JAVA_BYTE, value),
                                options);
                    case STREAM -> stream(store.putStream(part, value.length), value, options);
                    case STREAM_OF_UNKNOWN_LENGTH -> stream(store.putStream(key), value, options);
                    case BATCH -> store.write(new WriteBatch().put(key, value, options));
                    case BATCH_WITH_KEY -> {
                        WriteBatch batch = new WriteBatch().put(part, MemorySegment.ofArray(value), options);
                        part.set(bytes("another")); // the batch has a copy
                        yield store.write(batch);
                    }
                };
            }
        }

        private static boolean stream(ValueWriter writer, byte[] value, WriteOptions options) {
            try (writer) {
                writer.write(ByteBuffer.wrap(value));
                return writer.commit(options);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static byte[] padded(byte[] bytes) {
        return ByteBuffer.allocate(bytes.length + 7).position(3).put(bytes).array();
    }

    private static ByteBuffer direct(byte[] bytes) {
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    @BeforeEach
    void setNow() {
        now.set(NOW);
    }

    @ParameterizedTest
    @EnumSource
    void everyCombinationOfOptionsDoesWhatItsPartsSay(Way way) {
        StoreOptions options = StoreOptions.defaults()
                .withSegmentSize(1 << 20)
                .withCompactionRate(0)
                .withClock(() -> Instant.ofEpochMilli(now.get()));
        try (Store store = Store.open(directory, options)) {
            int number = 0;
            for (Before before : Before.values()) {
                for (Expires expires : Expires.values()) {
                    for (Condition condition : Condition.values()) {
                        byte[] value = random(number % 16 == 5 ? LARGE : 40, number);
                        check(store, way, before, expires, condition, bytes("key" + number++), value);
                    }
                }
            }
        }
    }

    private void check(
            Store store, Way way, Before before, Expires expires, Condition condition, byte[] key, byte[] value) {
        String what = way + " " + before + " " + expires + " " + condition;
        byte[] old = random(30, value.length);
        long version = prepare(store, before, key, old);
        WriteOptions options;
        if (expires == Expires.KEPT && condition == Condition.ABSENT) {
            WriteOptions absent = WriteOptions.defaults().ifAbsent();
            assertThrows(IllegalStateException.class, absent::keepExpiry);
            return;
        }
        options = expires.add(condition.add(WriteOptions.defaults(), version, old));
        if (expires == Expires.KEPT && Way.OF_BATCH.contains(way)) {
            assertThrows(IllegalArgumentException.class, () -> way.put(store, key, value, options), what);
            return;
        }
        boolean held = condition.holds(before);
        assertEquals(held, way.put(store, key, value, options), what);
        if (held) {
            assertArrayEquals(expires == Expires.PAST ? null : value, store.getBytes(key), what);
            assertEquals(expires.after(before), Expiries.expiryOf(store, key), what);
        } else {
            assertArrayEquals(before.isPresent() ? old : null, store.getBytes(key), what);
            assertEquals(
                    before == Before.EXPIRING ? OLD_EXPIRY : before.isPresent() ? 0 : -1,
                    Expiries.expiryOf(store, key));
        }
    }

    /** Returns the version of the key; 0 if it is absent. */
    private long prepare(Store store, Before before, byte[] key, byte[] old) {
        switch (before) {
            case ABSENT -> assertFalse(store.contains(key));
            case EXPIRED -> store.put(key, old, Expiries.expiring(NOW));
            case LASTING -> store.put(key, old);
            case EXPIRING -> store.put(key, old, Expiries.expiring(OLD_EXPIRY));
        }
        try (ValueView view = store.get(key)) {
            return view == null ? 0 : view.version();
        }
    }

    /** A write to a key that gives it no value. */
    enum Change {
        REMOVE,
        REMOVE_KEY,
        BATCH,
        BATCH_KEY,
        SET_EXPIRY,
        SET_EXPIRY_KEY,
        CLEAR_EXPIRY,
        CLEAR_EXPIRY_KEY;

        boolean make(Store store, byte[] key, WriteOptions options) {
            Instant later = Instant.ofEpochMilli(NOW + 300);
            Key part = Key.of(padded(key), 3, key.length);
            return switch (this) {
                case REMOVE -> store.remove(key, options);
                case REMOVE_KEY -> store.remove(part, options);
                case BATCH -> store.write(new WriteBatch().remove(key, options));
                case BATCH_KEY -> store.write(new WriteBatch().remove(part, options));
                case SET_EXPIRY -> store.setExpiry(key, later, options);
                case SET_EXPIRY_KEY -> store.setExpiry(part, later, options);
                case CLEAR_EXPIRY -> store.clearExpiry(key, options);
                case CLEAR_EXPIRY_KEY -> store.clearExpiry(part, options);
            };
        }

        /** What it returns if the condition holds. */
        boolean isMade(Before before) {
            return switch (this) {
                case BATCH, BATCH_KEY -> true;
                case CLEAR_EXPIRY, CLEAR_EXPIRY_KEY -> before == Before.EXPIRING;
                default -> before.isPresent();
            };
        }

        long expiryAfter() {
            return switch (this) {
                case REMOVE, REMOVE_KEY, BATCH, BATCH_KEY -> Expiries.ABSENT;
                case SET_EXPIRY, SET_EXPIRY_KEY -> NOW + 300;
                case CLEAR_EXPIRY, CLEAR_EXPIRY_KEY -> Expiries.NO_EXPIRY;
            };
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyConditionAppliesToRemovalsAndExpiries(Change change) {
        try (Store store =
                Store.open(directory, StoreOptions.defaults().withClock(() -> Instant.ofEpochMilli(now.get())))) {
            int number = 0;
            for (Before before : Before.values()) {
                for (Condition condition : Condition.values()) {
                    byte[] key = bytes("key" + number++);
                    byte[] old = random(50, number);
                    long version = prepare(store, before, key, old);
                    long expiry = Expiries.expiryOf(store, key);
                    WriteOptions options = condition.add(WriteOptions.defaults(), version, old);
                    String what = change + " " + before + " " + condition;
                    if (condition == Condition.ABSENT) {
                        assertThrows(IllegalArgumentException.class, () -> change.make(store, key, options), what);
                        continue;
                    }
                    boolean made = condition.holds(before) && change.isMade(before);
                    assertEquals(made, change.make(store, key, options), what);
                    long after = made && before.isPresent() ? change.expiryAfter() : expiry;
                    assertEquals(after, Expiries.expiryOf(store, key), what);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aWriteThatGivesNoValueTakesNoExpiry(Change change) {
        try (Store store = Store.open(directory)) {
            store.put(bytes("key"), bytes("value"));
            for (Expires expires : EnumSet.complementOf(EnumSet.of(Expires.NEVER))) {
                WriteOptions options = expires.add(WriteOptions.defaults());
                String message = assertThrows(
                                IllegalArgumentException.class, () -> change.make(store, bytes("key"), options))
                        .getMessage();
                assertTrue(message.contains(" takes no options with "), message);
            }
            assertEquals(Expiries.NO_EXPIRY, Expiries.expiryOf(store, bytes("key")), "nothing was changed");
        }
    }

    @Test
    void contradictoryOptionsAreRefusedWhenTheyAreMade() {
        List<UnaryOperator<WriteOptions>> expiries = new ArrayList<>();
        for (Expires expires : EnumSet.complementOf(EnumSet.of(Expires.NEVER))) {
            expiries.add(expires::add);
        }
        List<UnaryOperator<WriteOptions>> conditions = new ArrayList<>();
        for (Condition condition : EnumSet.complementOf(EnumSet.of(Condition.NONE))) {
            conditions.add(options -> condition.add(options, 7, bytes("value")));
        }
        for (List<UnaryOperator<WriteOptions>> kind : List.of(expiries, conditions)) {
            for (UnaryOperator<WriteOptions> first : kind) {
                WriteOptions options = first.apply(WriteOptions.defaults());
                for (UnaryOperator<WriteOptions> second : kind) {
                    String message = assertThrows(IllegalStateException.class, () -> second.apply(options))
                            .getMessage();
                    assertTrue(message.contains(" contradicts "), message);
                }
            }
        }
        WriteOptions forced = WriteOptions.defaults().durability(Durability.ALWAYS);
        assertThrows(IllegalStateException.class, () -> forced.durability(Durability.NONE));
        assertThrows(NullPointerException.class, () -> WriteOptions.defaults().durability(null));
        assertThrows(NullPointerException.class, () -> WriteOptions.defaults().expiresAt(null));
        assertThrows(
                IllegalArgumentException.class, () -> WriteOptions.defaults().ifVersion(-1));
        assertThrows(IllegalArgumentException.class, () -> new WriteBatch().expectVersion(bytes("key"), -1));
        assertThrows(IllegalArgumentException.class, () -> new WriteBatch().put(bytes("k"), bytes("v"), forced));
        assertThrows(IllegalArgumentException.class, () -> new WriteBatch().remove(bytes("k"), forced));
        assertEquals(
                "WriteOptions(expiresIn=1000 ms, ifAbsent, durability=ALWAYS)",
                forced.expiresIn(Duration.ofSeconds(1)).ifAbsent().toString());
        assertEquals("WriteOptions()", WriteOptions.defaults().toString());
    }

    @Test
    void optionsAreNotChangedByWhatIsMadeOfThemNorByTheirArguments() {
        WriteOptions defaults = WriteOptions.defaults();
        byte[] expected = bytes("old");
        WriteOptions comparing = defaults.ifValue(expected);
        expected[0]++;
        try (Store store = Store.open(directory)) {
            store.put(bytes("key"), bytes("old"));
            assertTrue(store.put(bytes("key"), bytes("new"), comparing));
            assertFalse(store.put(bytes("key"), bytes("newer"), comparing.expiresIn(Duration.ofDays(1))));
            assertSame(defaults, WriteOptions.defaults());
            store.put(bytes("key"), bytes("newest"), WriteOptions.defaults());
            assertNull(store.expiryOf(bytes("key")));
        }
    }

    /** The mistake that milliseconds allowed: 60,000 of them, meant as a minute, were a minute after 1970. */
    @Test
    void aRelativeExpiryCountsFromEachWriteByTheClockOfTheStore() throws IOException {
        WriteOptions minute = WriteOptions.defaults().expiresIn(Duration.ofMinutes(1));
        try (Store store =
                Store.open(directory, StoreOptions.defaults().withClock(() -> Instant.ofEpochMilli(now.get())))) {
            store.put(bytes("first"), bytes("value"), minute);
            WriteBatch batch = new WriteBatch().put(bytes("batch"), bytes("value"), minute);
            try (ValueWriter writer = store.putStream(bytes("stream"))) {
                now.addAndGet(1000);
                store.put(bytes("second"), bytes("value"), minute);
                store.write(batch);
                writer.write(ByteBuffer.wrap(bytes("value")));
                writer.commit(minute);
            }
            assertEquals(Instant.ofEpochMilli(NOW + 60_000), store.expiryOf(bytes("first")));
            for (String key : List.of("second", "batch", "stream")) {
                assertEquals(Instant.ofEpochMilli(NOW + 61_000), store.expiryOf(Key.of(bytes(key))), key);
            }
            now.addAndGet(59_000);
            assertFalse(store.contains(bytes("first")));
            assertTrue(store.contains(bytes("second")));
        }
    }

    @Test
    void theLongestExpiryInKeepsTheKey() {
        Duration longest = Duration.ofMillis(Long.MAX_VALUE).plusNanos(1);
        try (Store store = Store.open(directory)) {
            store.put(bytes("key"), bytes("value"), WriteOptions.defaults().expiresIn(longest));
            assertTrue(store.contains(bytes("key")));
        }
    }

    @Test
    void aClockAtTheLastInstantExpiresWhatExpires() {
        AtomicReference<Instant> clock = new AtomicReference<>(Instant.EPOCH);
        try (Store store = Store.open(directory, StoreOptions.defaults().withClock(clock::get))) {
            store.put(bytes("key"), bytes("value"), WriteOptions.defaults().expiresIn(Duration.ofDays(1)));
            assertTrue(store.contains(bytes("key")));
            clock.set(Instant.MAX);
            assertFalse(store.contains(bytes("key")));
        }
    }

    @Test
    void noExpiryThatIsAskedForMeansNever() {
        try (Store store =
                Store.open(directory, StoreOptions.defaults().withClock(() -> Instant.ofEpochMilli(now.get())))) {
            List<WriteOptions> past = List.of(
                    WriteOptions.defaults().expiresAt(Instant.EPOCH),
                    WriteOptions.defaults().expiresAt(Instant.MIN),
                    WriteOptions.defaults().expiresAt(Instant.ofEpochMilli(-1)),
                    WriteOptions.defaults().expiresAt(Instant.ofEpochMilli(NOW)),
                    WriteOptions.defaults().expiresIn(Duration.ZERO),
                    WriteOptions.defaults().expiresIn(Duration.ofMillis(-NOW)),
                    WriteOptions.defaults().expiresIn(Duration.ofSeconds(Long.MIN_VALUE)));
            for (WriteOptions options : past) {
                store.put(bytes("key"), bytes("value"));
                assertTrue(store.put(bytes("key"), bytes("value"), options), options.toString());
                assertFalse(store.contains(bytes("key")), options.toString());
                store.put(bytes("key"), bytes("value"));
                assertTrue(store.write(new WriteBatch().put(bytes("key"), bytes("value"), options)));
                assertFalse(store.contains(bytes("key")), options.toString());
            }
            for (Instant instant : List.of(Instant.EPOCH, Instant.MIN, Instant.ofEpochMilli(NOW))) {
                store.put(bytes("key"), bytes("value"));
                assertTrue(store.setExpiry(bytes("key"), instant));
                assertFalse(store.contains(bytes("key")), instant.toString());
            }
            store.put(bytes("key"), bytes("value"), WriteOptions.defaults().expiresIn(Duration.ofNanos(1)));
            assertEquals(Instant.ofEpochMilli(NOW + 1), store.expiryOf(bytes("key")));
            for (WriteOptions options : List.of(
                    WriteOptions.defaults().expiresAt(Instant.MAX),
                    WriteOptions.defaults().expiresIn(Duration.ofSeconds(Long.MAX_VALUE)),
                    WriteOptions.defaults().expiresIn(Duration.ofMillis(Long.MAX_VALUE)))) {
                store.put(bytes("key"), bytes("value"), options);
                assertEquals(Instant.ofEpochMilli(Long.MAX_VALUE), store.expiryOf(bytes("key")), options.toString());
            }
        }
    }

    /** A condition in a batch is one of the whole batch, judged before it. */
    @Test
    void aChangeWhoseConditionDoesNotHoldKeepsTheWholeBatchOut() {
        try (Store store = Store.open(directory)) {
            store.put(bytes("present"), bytes("old"));
            WriteOptions absent = WriteOptions.defaults().ifAbsent();
            assertFalse(store.write(
                    new WriteBatch().put(bytes("new"), bytes("value")).put(bytes("present"), bytes("value"), absent)));
            assertFalse(store.contains(bytes("new")));
            assertTrue(store.write(new WriteBatch()
                    .put(bytes("new"), bytes("value"), absent)
                    .remove(bytes("present"), WriteOptions.defaults().ifValue(bytes("old")))));
            assertTrue(store.contains(bytes("new")));
            assertFalse(store.contains(bytes("present")));
        }
    }
}
