package dev.penstock.store.threat.hostile;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.FormatVersionException;
import dev.penstock.store.MemoryBackedDirectory;
import dev.penstock.store.NotAStoreException;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.Store;
import dev.penstock.store.StoreAccess;
import dev.penstock.store.StoreException;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.check.StoreVerifier;
import dev.penstock.store.check.VerifyReport;
import dev.penstock.store.internal.format.Identity;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files that are not as the store left them. Whatever the damage, opening either names it or succeeds, and then every
 * read gives what was stored or an exception: never other bytes, never a key that has silently gone.
 */
@Tag("slow")
class HostileFilesTest {

    private static final StoreOptions VERIFYING =
            StoreOptions.defaults().withSegmentSize(1 << 20).withVerifyOnRead(true);
    private static final String FIRST_LOG = "0000000001.log";

    /** Of so many bits, or lengths of a file, one is tried; the nightly run tries them all. */
    private static final int STEP = Integer.getInteger("penstock.bitStep", 16);

    @TempDir(factory = MemoryBackedDirectory.class)
    Path temporary;

    private final Map<String, byte[]> entries = new TreeMap<>();
    private final Map<String, byte[]> files = new TreeMap<>();
    private Path victim;

    @BeforeEach
    void makeSmallStore() throws IOException {
        Path original = temporary.resolve("original");
        victim = temporary.resolve("victim");
        Files.createDirectory(victim);
        try (Store store = Store.open(original, VERIFYING)) {
            put(store, "alpha", bytes("first"));
            put(store, "", bytes("of the empty key"));
            put(store, "alpha", bytes("second"));
            store.put(bytes("gone"), bytes("x"));
            store.sync();
            store.remove(bytes("gone"));
            put(store, "beta", random(40, 1));
        }
        try (Stream<Path> paths = Files.list(original)) {
            for (Path path : paths.toList()) {
                files.put(path.getFileName().toString(), Files.readAllBytes(path));
            }
        }
    }

    private void put(Store store, String key, byte[] value) {
        store.put(bytes(key), value);
        entries.put(key, value);
    }

    /** Where to begin is chosen by the seed. */
    private static Random randomBeginning() {
        long seed = Long.getLong("penstock.seed", System.nanoTime());
        System.out.println("HostileFilesTest: -Dpenstock.seed=" + seed + " -Dpenstock.bitStep=" + STEP);
        return new Random(seed);
    }

    @Test
    void aSingleBitFlipIsHarmlessOrNamed() throws IOException {
        Random random = randomBeginning();
        for (String name : files.keySet()) {
            byte[] content = files.get(name);
            for (int bit = random.nextInt(STEP); bit < content.length * 8; bit += STEP) {
                byte[] flipped = content.clone();
                flipped[bit / 8] ^= (byte) (1 << bit % 8);
                restoreWith(name, flipped);
                checkHonest("bit " + bit + " of " + name);
            }
        }
    }

    @Test
    void verifyFindsEveryBitFlipInARecord() throws IOException {
        byte[] content = files.get(FIRST_LOG);
        int unnoticed = 0;
        for (int bit = randomBeginning().nextInt(STEP); bit < content.length * 8; bit += STEP) {
            byte[] flipped = content.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            restoreWith(FIRST_LOG, flipped);
            VerifyReport report = StoreVerifier.verify(victim, ProgressListener.NONE);
            if (report.findings().isEmpty()) {
                unnoticed++;
            } else {
                assertEquals(FIRST_LOG, report.findings().getFirst().file());
                assertFalse(report.isSound(), "bit " + bit + ": " + report.findings());
            }
        }
        // What no checksum covers is the filling up to a multiple of 8 after a record: at most 7 bytes for each of 7.
        assertTrue(unnoticed <= 7 * 7 * 8, unnoticed + " flips went unnoticed");
    }

    @Test
    void verifyFindsNothingInASoundStore() throws IOException {
        restoreWith("LOCK", files.get("LOCK"));
        VerifyReport report = StoreVerifier.verify(victim, ProgressListener.NONE);
        assertEquals(List.of(), report.findings());
        assertEquals(8, report.recordCount(), "five values, a mark, a tombstone, the end");
    }

    @Test
    void aFileCutShortAtAnyByteIsNamed() throws IOException {
        Random random = randomBeginning();
        for (String name : List.of(FIRST_LOG, "STORE", "CHECKPOINT", "LOCK")) {
            byte[] content = files.get(name);
            int step = Math.min(STEP, 4);
            for (int length = random.nextInt(step); length < content.length; length += step) {
                restoreWith(name, Arrays.copyOf(content, length));
                checkHonest(name + " cut to " + length);
                if (name.equals(FIRST_LOG)) {
                    restoreWith(name, Arrays.copyOf(content, length));
                    CorruptionException corruption =
                            assertThrows(CorruptionException.class, () -> Store.open(victim, VERIFYING));
                    assertEquals(FIRST_LOG, corruption.file());
                    assertTrue(corruption.offset() <= length, corruption.getMessage());
                    assertFalse(
                            StoreVerifier.verify(victim, ProgressListener.NONE).isSound(), "cut to " + length);
                }
            }
        }
    }

    @Test
    void aRefusedStoreIsLeftAsItWas() throws IOException {
        byte[] damaged = files.get(FIRST_LOG).clone();
        damaged[80] ^= 1;
        restoreWith(FIRST_LOG, damaged);
        assertThrows(CorruptionException.class, () -> Store.open(victim, VERIFYING));
        assertArrayEquals(damaged, Files.readAllBytes(victim.resolve(FIRST_LOG)));
    }

    @Test
    void aMissingCheckpointLosesNothing() throws IOException {
        restoreWith("CHECKPOINT", files.get("CHECKPOINT"));
        Files.delete(victim.resolve("CHECKPOINT"));
        checkHonest("no checkpoint");
        try (Store store = Store.open(victim, VERIFYING)) {
            assertEquals(entries.size(), store.count());
        }
    }

    @Test
    void verifyAndOpenAgreeOnWhatFollowsACleanClose() throws IOException {
        byte[] content = files.get(FIRST_LOG);
        byte[] longer = Arrays.copyOf(content, content.length + 1000);
        System.arraycopy(random(1000, 5), 0, longer, content.length, 1000);
        restoreWith(FIRST_LOG, longer);
        assertFalse(StoreVerifier.verify(victim, ProgressListener.NONE).isSound());
        assertThrows(CorruptionException.class, () -> Store.open(victim, VERIFYING.withReadOnly(true)));
        assertThrows(CorruptionException.class, () -> Store.open(victim, VERIFYING));
        Files.delete(victim.resolve("LOCK"));
        assertTrue(StoreVerifier.verify(victim, ProgressListener.NONE).isSound(), "a torn tail, after a power cut");
        checkHonest("a torn tail");
    }

    @Test
    void verifyTellsThatACheckpointIsMissing() throws IOException {
        restoreWith("CHECKPOINT", files.get("CHECKPOINT"));
        Files.delete(victim.resolve("CHECKPOINT"));
        VerifyReport report = StoreVerifier.verify(victim, ProgressListener.NONE);
        assertEquals("CHECKPOINT", report.findings().getFirst().file());
        assertTrue(report.isSound());
    }

    @Test
    void aMissingSegmentIsNamed() throws IOException {
        restoreWith("LOCK", files.get("LOCK"));
        Files.delete(victim.resolve(FIRST_LOG));
        CorruptionException corruption = assertThrows(CorruptionException.class, () -> Store.open(victim, VERIFYING));
        assertTrue(corruption.getMessage().contains("segment"), corruption.getMessage());
    }

    @Test
    void anotherStoresSegmentIsRefused() throws IOException {
        Path other = temporary.resolve("other");
        try (Store store = Store.open(other, VERIFYING)) {
            store.put(bytes("alpha"), bytes("foreign"));
        }
        restoreWith(FIRST_LOG, Files.readAllBytes(other.resolve(FIRST_LOG)));
        CorruptionException corruption = assertThrows(CorruptionException.class, () -> Store.open(victim, VERIFYING));
        assertEquals(FIRST_LOG, corruption.file());
        assertEquals(0, corruption.offset());
    }

    @Test
    void aNewerFormatVersionIsRefusedByName() throws IOException {
        byte[] newer = files.get("STORE").clone();
        ByteBuffer.wrap(newer).order(ByteOrder.LITTLE_ENDIAN).putInt(8, Identity.FORMAT_VERSION + 1);
        CRC32C crc = new CRC32C();
        crc.update(newer, 0, 60);
        ByteBuffer.wrap(newer).order(ByteOrder.LITTLE_ENDIAN).putInt(60, (int) crc.getValue());
        restoreWith("STORE", newer);
        FormatVersionException refused =
                assertThrows(FormatVersionException.class, () -> Store.open(victim, VERIFYING));
        assertTrue(refused.getMessage().contains("version " + (Identity.FORMAT_VERSION + 1)), refused.getMessage());
    }

    @Test
    void aDirectoryThatIsNoStoreIsRefusedAndLeftAlone() throws IOException {
        Path other = temporary.resolve("photos");
        Files.createDirectory(other);
        Files.writeString(other.resolve("cat.jpg"), "meow");
        assertThrows(NotAStoreException.class, () -> Store.open(other));
        assertThrows(NotAStoreException.class, () -> StoreVerifier.verify(other, ProgressListener.NONE));
        try (Stream<Path> left = Files.list(other)) {
            assertEquals(1, left.count());
        }
        assertThrows(NotAStoreException.class, () -> Store.open(other.resolve("cat.jpg")));
        StoreOptions existing = StoreOptions.defaults().withCreateIfMissing(false);
        assertThrows(NotAStoreException.class, () -> Store.open(temporary.resolve("none"), existing));
    }

    @Test
    void aLinkDirectoryOrPipeInPlaceOfAFileIsRefused() throws Exception {
        for (String name : List.of(FIRST_LOG, "STORE")) {
            restoreWith(name, files.get(name));
            Files.delete(victim.resolve(name));
            Files.createSymbolicLink(
                    victim.resolve(name), temporary.resolve("original").resolve(name));
            assertThrows(StoreException.class, () -> Store.open(victim, VERIFYING), "link for " + name);
            Files.delete(victim.resolve(name));
            Files.createDirectory(victim.resolve(name));
            assertThrows(StoreException.class, () -> Store.open(victim, VERIFYING), "directory for " + name);
            Files.delete(victim.resolve(name));
            assertEquals(
                    0,
                    new ProcessBuilder("mkfifo", victim.resolve(name).toString())
                            .start()
                            .waitFor());
            assertThrows(StoreException.class, () -> Store.open(victim, VERIFYING), "pipe for " + name);
            Files.delete(victim.resolve(name));
        }
    }

    @Test
    void anUnknownFileInTheDirectoryIsLeftAlone() throws IOException {
        restoreWith("LOCK", files.get("LOCK"));
        Files.writeString(victim.resolve("notes.txt"), "mine");
        checkHonest("unknown file");
        assertEquals("mine", Files.readString(victim.resolve("notes.txt")));
    }

    private static final List<Long> STRAY_NUMBERS =
            List.of(2L, 99L, 50_000_000L, 9_999_999_999L, 10_000_000_000L, 999_999_999_999_999_999L);

    private static String name(long number, String suffix) {
        return String.format(Locale.ROOT, "%010d%s", number, suffix);
    }

    private static int valueFiles(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return (int)
                    files.filter(file -> file.toString().endsWith(".value")).count();
        }
    }

    /** Whatever stray file there is, it is gone or left alone, and the numbers go on as if it had never been. */
    @Test
    void aStrayValueFileIsSweptAndItsNumberIsForgotten() throws IOException {
        for (long number : STRAY_NUMBERS) {
            for (byte[] content : List.of(new byte[0], new byte[100], random(5_000, 3), files.get(FIRST_LOG))) {
                restoreWith("LOCK", files.get("LOCK"));
                Files.write(victim.resolve(name(number, ".value")), content);
                assertTrue(StoreVerifier.verify(victim, ProgressListener.NONE).isSound());
                checkHonest("stray value " + number);
                assertFalse(Files.exists(victim.resolve(name(number, ".value"))), "swept");
                try (Store store = Store.open(victim, VERIFYING)) {
                    assertEquals(entries.size(), store.count());
                    store.put(bytes("large"), random(300_000, 1));
                    assertTrue(Files.exists(victim.resolve(name(1, ".value"))));
                    assertEquals(1, valueFiles(victim));
                }
            }
        }
    }

    @Test
    void anEmptyStraySegmentIsSweptAndItsNumberIsForgotten() throws IOException {
        for (long number : STRAY_NUMBERS) {
            for (int length : new int[] {0, 10, 64, 5_000}) {
                restoreWith("LOCK", files.get("LOCK"));
                Files.write(victim.resolve(name(number, ".log")), new byte[length]);
                VerifyReport report = StoreVerifier.verify(victim, ProgressListener.NONE);
                assertTrue(report.isSound(), report.findings().toString());
                checkHonest("empty segment " + number);
                try (Store store = Store.open(victim, VERIFYING)) {
                    assertEquals(entries.size(), store.count());
                    for (int i = 0; i < 12; i++) {
                        store.put(bytes("more" + i), random(200_000, i));
                    }
                    assertEquals(3, StoreAccess.engine(store).segments.newestNumber());
                }
                try (Store store = Store.open(victim, VERIFYING)) {
                    assertEquals(entries.size() + 12, store.count());
                }
            }
        }
    }

    @Test
    void anyOtherStraySegmentIsRefusedByNameAndEverythingIsLeftAsItWas() throws IOException {
        for (long number : STRAY_NUMBERS) {
            for (byte[] content : List.of(random(64, 4), random(5_000, 4), files.get(FIRST_LOG))) {
                restoreWith("LOCK", files.get("LOCK"));
                Path stray = victim.resolve(name(number, ".log"));
                Files.write(stray, content);
                VerifyReport report = StoreVerifier.verify(victim, ProgressListener.NONE);
                assertFalse(report.isSound());
                assertTrue(
                        report.findings().stream()
                                .anyMatch(finding -> finding.file()
                                        .equals(stray.getFileName().toString())),
                        report.findings().toString());
                for (boolean readOnly : new boolean[] {false, true}) {
                    CorruptionException refused = assertThrows(
                            CorruptionException.class, () -> Store.open(victim, VERIFYING.withReadOnly(readOnly)));
                    assertEquals(stray.getFileName().toString(), refused.file());
                }
                assertArrayEquals(content, Files.readAllBytes(stray));
                Files.delete(stray);
                checkHonest("stray segment removed " + number);
            }
        }
    }

    @Test
    void aNameThatNoNumberIsWrittenAsIsLeftAlone() throws IOException {
        List<String> names = List.of(
                "0000000000.log",
                "0000000000.value",
                "00000000002.log",
                "000000000000000007.value",
                "1000000000000000000.value",
                "9999999999999999999.log",
                "99999999999999999999999.value",
                "2.log",
                "000000000x.log",
                "0000000002.Log");
        restoreWith("LOCK", files.get("LOCK"));
        for (String name : names) {
            Files.writeString(victim.resolve(name), "mine");
        }
        assertTrue(StoreVerifier.verify(victim, ProgressListener.NONE).isSound());
        checkHonest("other names");
        for (String name : names) {
            assertEquals("mine", Files.readString(victim.resolve(name)), name);
        }
    }

    @Test
    void theFormatBeforeIsRefusedWithWhatToDo() throws IOException {
        byte[] older = files.get("STORE").clone();
        ByteBuffer.wrap(older).order(ByteOrder.LITTLE_ENDIAN).putInt(8, 1);
        CRC32C crc = new CRC32C();
        crc.update(older, 0, 60);
        ByteBuffer.wrap(older).order(ByteOrder.LITTLE_ENDIAN).putInt(60, (int) crc.getValue());
        restoreWith("STORE", older);
        for (boolean readOnly : new boolean[] {false, true}) {
            FormatVersionException refused = assertThrows(
                    FormatVersionException.class, () -> Store.open(victim, VERIFYING.withReadOnly(readOnly)));
            assertTrue(refused.getMessage().contains("version 1"), refused.getMessage());
            assertTrue(refused.getMessage().contains("Export"), refused.getMessage());
        }
        assertThrows(FormatVersionException.class, () -> StoreVerifier.verify(victim, ProgressListener.NONE));
    }

    private void restoreWith(String changed, byte[] content) throws IOException {
        try (Stream<Path> old = Files.list(victim)) {
            for (Path path : old.toList()) {
                Files.delete(path);
            }
        }
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Files.write(victim.resolve(file.getKey()), file.getKey().equals(changed) ? content : file.getValue());
        }
    }

    /** Either refuses with a typed exception, or gives every entry or a typed exception for it. */
    private void checkHonest(String damage) {
        try (Store store = Store.open(victim, VERIFYING)) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                try {
                    assertArrayEquals(entry.getValue(), store.getBytes(bytes(entry.getKey())), damage);
                } catch (CorruptionException named) {
                    assertEquals(FIRST_LOG, named.file(), damage);
                }
            }
            assertEquals(entries.size(), store.count(), damage);
        } catch (StoreException named) {
            if (named.getMessage() == null || named.getMessage().isBlank()) {
                fail(damage + ": no message");
            }
        }
    }

    @Test
    void damageToTheStateInACheckpointCostsTimeAndNeverData() throws IOException {
        long seed = Long.getLong("penstock.seed", System.nanoTime());
        System.out.println("HostileFilesTest: -Dpenstock.seed=" + seed);
        Random random = new Random(seed);
        Path place = temporary.resolve("with-state");
        int keys = 3_000;
        try (Store store = Store.open(place, VERIFYING)) {
            for (int i = 0; i < keys; i++) {
                store.put(bytes("key" + i), random(i == 7 ? 300_000 : 200, i));
            }
        }
        Path checkpoint = place.resolve("CHECKPOINT");
        byte[] sound = Files.readAllBytes(checkpoint);
        assertTrue(sound.length > 200_000, "the state is in it: " + sound.length);
        for (int round = 0; round < 60; round++) {
            byte[] damaged = round % 10 == 9 ? Arrays.copyOf(sound, random.nextInt(sound.length)) : sound.clone();
            for (int flips = random.nextInt(3); flips >= 0 && damaged.length > 0; flips--) {
                // Half of the damage goes where the table is.
                int at = random.nextInt(random.nextBoolean() ? Math.min(damaged.length, 3_000) : damaged.length);
                damaged[at] ^= (byte) (1 << random.nextInt(8));
            }
            Files.write(checkpoint, damaged);
            try (Store store = Store.open(place, VERIFYING.withReadOnly(true))) {
                assertEquals(keys, store.count(), "round " + round);
                for (int i = 0; i < keys; i += 37) {
                    assertArrayEquals(random(i == 7 ? 300_000 : 200, i), store.getBytes(bytes("key" + i)));
                }
            }
        }
    }

    @Test
    void impossibleNumbersUnderARightChecksumNeitherCrashNorGiveOtherBytes() throws IOException {
        long seed = Long.getLong("penstock.seed", System.nanoTime());
        System.out.println("HostileFilesTest: -Dpenstock.seed=" + seed);
        Random random = new Random(seed);
        Path place = temporary.resolve("forged");
        int keys = 30_000;
        try (Store store = Store.open(place, VERIFYING)) {
            for (int i = 0; i < keys; i++) {
                store.put(bytes("key" + i), random(i == 7 ? 300_000 : 90, i));
            }
            assertTrue(StoreAccess.owner(store).checkpointer.write());
        }
        Path checkpoint = place.resolve("CHECKPOINT");
        byte[] sound = Files.readAllBytes(checkpoint);
        ForgedCheckpoint forger = new ForgedCheckpoint(sound);
        int believed = 0;
        for (int round = 0; round < 100; round++) {
            byte[] forged = round % 2 == 0 ? forger.withNumber(random) : forger.withSlots(random);
            Files.write(checkpoint, forged);
            try (Store store = Store.open(place, VERIFYING.withReadOnly(true))) {
                believed += StoreAccess.engine(store).recovered.imageFrom() != 0 ? 1 : 0;
                for (int i = 0; i < keys; i += 97) {
                    checkForged(store, i);
                }
            } catch (CorruptionException named) {
                assertFalse(named.getMessage().isBlank());
            }
        }
        assertTrue(believed > 20, "many forgeries were opened: " + believed);
        Files.write(checkpoint, sound);
        try (Store store = Store.open(place, VERIFYING)) {
            assertTrue(StoreAccess.engine(store).recovered.imageFrom() != 0);
            assertEquals(keys, store.count());
        }
    }

    private static void checkForged(Store store, int key) {
        try {
            byte[] value = store.getBytes(bytes("key" + key));
            if (value != null) {
                assertArrayEquals(random(key == 7 ? 300_000 : 90, key), value);
            }
        } catch (CorruptionException named) {
            assertFalse(named.getMessage().isBlank());
        }
    }

    @Test
    void aDamagedKeyIsNeverTakenForAnAbsentOne() throws IOException {
        Path place = temporary.resolve("damaged-key");
        int keys = 3_000;
        try (Store store = Store.open(place, StoreOptions.defaults())) {
            for (int i = 0; i < keys; i++) {
                store.put(bytes("key" + i), random(200, i));
            }
        }
        // Opening by the checkpoint reads no record, so that the damage is met only where it is.
        Path log = place.resolve(FIRST_LOG);
        byte[] content = Files.readAllBytes(log);
        int keyAt = new String(content, StandardCharsets.ISO_8859_1).indexOf("key1234");
        content[keyAt + 3] ^= 4;
        Files.write(log, content);
        try (Store store = Store.open(place, StoreOptions.defaults())) {
            CorruptionException damage = assertThrows(CorruptionException.class, () -> store.get(bytes("key1234")));
            assertEquals(FIRST_LOG, damage.file());
            assertThrows(CorruptionException.class, () -> store.putIfAbsent(bytes("key1234"), bytes("new")));
            assertArrayEquals(random(200, 17), store.getBytes(bytes("key17")));
        }
    }
}
