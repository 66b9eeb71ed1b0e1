package dev.penstock.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A comparison is worth something only if every engine gives back what it was given. */
class ContendersAgreeTest {

    private static final long KEYS = 10_000;

    @TempDir
    private Path directory;

    static List<Engine> engines() {
        return Engine.stores();
    }

    static List<Engine> persistentEngines() {
        return Engine.stores().stream().filter(Engine::isPersistent).toList();
    }

    @ParameterizedTest
    @MethodSource("engines")
    void everyKeyLoadedIsFoundWithItsOwnValueAndNoOther(Engine engine) {
        try (Contender contender = engine.open(directory, KEYS)) {
            Session.load(contender, KEYS);
            try (Session session = contender.session()) {
                assertHoldsLoadedKeys(session);
                for (long n = KEYS; n < 2 * KEYS; n++) {
                    assertEquals(Session.ABSENT, session.get(Keys.high(n), Keys.low(n)), "key " + n);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void anOverwrittenValueIsSeenByItsWriterAndByOthers(Engine engine) {
        try (Contender contender = engine.open(directory, KEYS)) {
            Session.load(contender, KEYS);
            try (Session writer = contender.session()) {
                writer.put(Keys.high(7), Keys.low(7), 77);
                writer.settle();
                assertEquals(Keys.signature(77), writer.get(Keys.high(7), Keys.low(7)));
                assertEquals(Keys.signature(8 + Session.LOADED), writer.get(Keys.high(8), Keys.low(8)));
            }
            try (Session reader = contender.session()) {
                assertEquals(Keys.signature(77), reader.get(Keys.high(7), Keys.low(7)));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void aBatchIsWrittenAndFoundAsItsKeysOneByOne(Engine engine) {
        try (Contender contender = engine.open(directory, KEYS)) {
            Session.load(contender, KEYS, 16);
            try (Session session = contender.session()) {
                assertHoldsLoadedKeys(session);
                session.putAll(new long[] {5, 6}, 70);
                session.settle();
                assertEquals(Keys.signature(75), session.get(Keys.high(5), Keys.low(5)));
                assertEquals(
                        Keys.signature(75) ^ Keys.signature(76) ^ Keys.signature(7 + Session.LOADED),
                        session.getAll(new long[] {5, 6, 7}));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"PENSTOCK", "LMDB_1"})
    void whatWasForcedIsThereToo(Engine engine) {
        try (Contender contender = engine.openForced(directory, KEYS);
                Session session = contender.session()) {
            session.put(Keys.high(7), Keys.low(7), 77);
            assertEquals(Keys.signature(77), session.get(Keys.high(7), Keys.low(7)));
        }
    }

    @ParameterizedTest
    @MethodSource("persistentEngines")
    void everythingIsThereAfterAReopen(Engine engine) {
        try (Contender contender = engine.open(directory, KEYS)) {
            Session.load(contender, KEYS);
            assertTrue(contender.diskBytes() >= KEYS * Keys.VALUE_LENGTH, "size on disk");
        }
        try (Contender contender = engine.open(directory, KEYS);
                Session session = contender.session()) {
            assertHoldsLoadedKeys(session);
        }
    }

    private static void assertHoldsLoadedKeys(Session session) {
        for (long n = 0; n < KEYS; n++) {
            assertEquals(Keys.signature(n + Session.LOADED), session.get(Keys.high(n), Keys.low(n)), "key " + n);
        }
    }
}
