package dev.penstock.bench.engine;

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

    static List<EngineKind> engines() {
        return EngineKind.stores();
    }

    static List<EngineKind> persistentEngines() {
        return EngineKind.stores().stream().filter(EngineKind::isPersistent).toList();
    }

    @ParameterizedTest
    @MethodSource("engines")
    void everyKeyLoadedIsFoundWithItsOwnValueAndNoOther(EngineKind engine) {
        try (Contender contender = engine.open(directory, KEYS)) {
            ContenderSession.load(contender, KEYS);
            try (ContenderSession session = contender.session()) {
                assertHoldsLoadedKeys(session);
                for (long n = KEYS; n < 2 * KEYS; n++) {
                    assertEquals(ContenderSession.ABSENT, session.get(Dataset.high(n), Dataset.low(n)), "key " + n);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void anOverwrittenValueIsSeenByItsWriterAndByOthers(EngineKind engine) {
        try (Contender contender = engine.open(directory, KEYS)) {
            ContenderSession.load(contender, KEYS);
            try (ContenderSession writer = contender.session()) {
                writer.put(Dataset.high(7), Dataset.low(7), 77);
                writer.settle();
                assertEquals(Dataset.signature(77), writer.get(Dataset.high(7), Dataset.low(7)));
                assertEquals(
                        Dataset.signature(8 + ContenderSession.LOADED), writer.get(Dataset.high(8), Dataset.low(8)));
            }
            try (ContenderSession reader = contender.session()) {
                assertEquals(Dataset.signature(77), reader.get(Dataset.high(7), Dataset.low(7)));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void aBatchIsWrittenAndFoundAsItsKeysOneByOne(EngineKind engine) {
        try (Contender contender = engine.open(directory, KEYS)) {
            ContenderSession.load(contender, KEYS, 16);
            try (ContenderSession session = contender.session()) {
                assertHoldsLoadedKeys(session);
                session.putAll(new long[] {5, 6}, 70);
                session.settle();
                assertEquals(Dataset.signature(75), session.get(Dataset.high(5), Dataset.low(5)));
                assertEquals(
                        Dataset.signature(75) ^ Dataset.signature(76) ^ Dataset.signature(7 + ContenderSession.LOADED),
                        session.getAll(new long[] {5, 6, 7}));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"PENSTOCK", "LMDB_1"})
    void whatWasForcedIsThereToo(EngineKind engine) {
        try (Contender contender = engine.openForced(directory, KEYS);
                ContenderSession session = contender.session()) {
            session.put(Dataset.high(7), Dataset.low(7), 77);
            assertEquals(Dataset.signature(77), session.get(Dataset.high(7), Dataset.low(7)));
        }
    }

    @ParameterizedTest
    @MethodSource("persistentEngines")
    void everythingIsThereAfterAReopen(EngineKind engine) {
        try (Contender contender = engine.open(directory, KEYS)) {
            ContenderSession.load(contender, KEYS);
            assertTrue(contender.diskBytes() >= KEYS * Dataset.VALUE_LENGTH, "size on disk");
        }
        try (Contender contender = engine.open(directory, KEYS);
                ContenderSession session = contender.session()) {
            assertHoldsLoadedKeys(session);
        }
    }

    private static void assertHoldsLoadedKeys(ContenderSession session) {
        for (long n = 0; n < KEYS; n++) {
            assertEquals(
                    Dataset.signature(n + ContenderSession.LOADED),
                    session.get(Dataset.high(n), Dataset.low(n)),
                    "key " + n);
        }
    }
}
