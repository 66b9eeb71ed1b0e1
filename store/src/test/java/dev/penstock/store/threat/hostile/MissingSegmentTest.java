package dev.penstock.store.threat.hostile;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.MemoryBackedDirectory;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.Store;
import dev.penstock.store.StoreAccess;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.check.StoreVerifier;
import dev.penstock.store.check.VerifyReport;
import dev.penstock.store.internal.format.SegmentHeader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Segment files that are missing, emptied or cut short. Opening for writing, opening to read, and verify name one of
 * them, and no key that was synced is silently gone.
 */
@Tag("slow")
public class MissingSegmentTest {

    private static final StoreOptions OPTIONS =
            StoreOptions.defaults().withSegmentSize(1 << 20).withCompactionRate(0);
    private static final int KEY_COUNT = 24;
    private static final int VALUE_LENGTH = 200_000;

    @TempDir(factory = MemoryBackedDirectory.class)
    Path temporary;

    /** How the store was left. */
    enum Ending {
        CLOSED,
        SYNCED,
        SYNCED_AFTER_CHECKPOINT,
        SYNCED_AFTER_REOPENING,
        SYNCED_AFTER_KILL,
        COMPACTED
    }

    private static final int VARIANTS = 4;
    private static final boolean EVERY_VARIANT = Boolean.getBoolean("penstock.everyVariant");

    private Map<String, byte[]> files;
    private Path victim;
    private int damages;

    private void make(Ending ending) throws IOException {
        Path original = temporary.resolve("original");
        victim = Files.createDirectory(temporary.resolve("victim"));
        Store store = Store.open(original, OPTIONS);
        try {
            for (int i = 0; i < KEY_COUNT; i++) {
                store.put(key(i), random(VALUE_LENGTH, i));
                if (i == KEY_COUNT / 2) {
                    store = interlude(store, original, ending);
                }
            }
            if (ending == Ending.COMPACTED) {
                for (int i = 0; i < KEY_COUNT; i += 2) {
                    store.put(key(i), random(VALUE_LENGTH, i));
                }
                store.compact(ProgressListener.NONE);
            }
            store.sync();
            if (ending == Ending.CLOSED) {
                store.close();
            }
            files = read(store.directory());
        } finally {
            store.close();
        }
    }

    private Store interlude(Store store, Path original, Ending ending) throws IOException {
        switch (ending) {
            case SYNCED_AFTER_CHECKPOINT ->
                assertTrue(StoreAccess.owner(store).checkpointer.write());
            case SYNCED_AFTER_REOPENING -> {
                store.close();
                return Store.open(original, OPTIONS);
            }
            case SYNCED_AFTER_KILL -> {
                Path image = Files.createDirectory(temporary.resolve("image"));
                write(image, read(original));
                store.close();
                return Store.open(image, OPTIONS);
            }
            default -> {
                // Nothing in between.
            }
        }
        return store;
    }

    private static byte[] key(int number) {
        return bytes("key" + number);
    }

    private static Map<String, byte[]> read(Path directory) throws IOException {
        Map<String, byte[]> content = new TreeMap<>();
        try (Stream<Path> paths = Files.list(directory)) {
            for (Path path : paths.toList()) {
                content.put(path.getFileName().toString(), Files.readAllBytes(path));
            }
        }
        return content;
    }

    private static void write(Path directory, Map<String, byte[]> content) throws IOException {
        try (Stream<Path> old = Files.list(directory)) {
            for (Path path : old.toList()) {
                Files.delete(path);
            }
        }
        for (Map.Entry<String, byte[]> file : content.entrySet()) {
            Files.write(directory.resolve(file.getKey()), file.getValue());
        }
    }

    /** Segments with records in them, in order: the last may be followed by one that was made ahead. */
    private List<String> segments() {
        List<String> names = new ArrayList<>(
                files.keySet().stream().filter(name -> name.endsWith(".log")).toList());
        if (firstWord(files.get(names.getLast())) == 0) {
            names.removeLast();
        }
        return names;
    }

    private static int firstWord(byte[] content) {
        int word = 0;
        for (int i = SegmentHeader.LENGTH; i < Math.min(content.length, SegmentHeader.LENGTH + 4); i++) {
            word |= content[i];
        }
        return word;
    }

    private void checkSound() throws IOException {
        write(victim, files);
        VerifyReport report = StoreVerifier.verify(victim, ProgressListener.NONE);
        assertTrue(report.isSound(), report.findings().toString());
        try (Store store = Store.open(victim, OPTIONS)) {
            assertEquals(KEY_COUNT, store.count());
            for (int i = 0; i < KEY_COUNT; i++) {
                assertArrayEquals(random(VALUE_LENGTH, i), store.getBytes(key(i)));
            }
        }
    }

    private interface Damage {
        void to(Map<String, byte[]> content);
    }

    /**
     * With the checkpoint and without, after a restart of the machine and not: all four with
     * {@code -Dpenstock.everyVariant=true}, else one after the other.
     */
    private void checkNamed(List<String> suspects, String what, Damage damage) throws IOException {
        if (EVERY_VARIANT) {
            checkNamedInEveryVariant(suspects, what, damage);
        } else {
            checkNamed(suspects, what, damage, damages++ % VARIANTS);
        }
    }

    private void checkNamedInEveryVariant(List<String> suspects, String what, Damage damage) throws IOException {
        for (int variant = 0; variant < VARIANTS; variant++) {
            checkNamed(suspects, what, damage, variant);
        }
    }

    private void checkNamed(List<String> suspects, String what, Damage damage, int variant) throws IOException {
        Map<String, byte[]> content = new TreeMap<>(files);
        if ((variant & 1) != 0) {
            content.remove("CHECKPOINT");
        }
        if ((variant & 2) != 0) {
            content.remove("LOCK");
        }
        damage.to(content);
        write(victim, content);
        String message = what + ", variant " + variant;
        VerifyReport report;
        try {
            report = StoreVerifier.verify(victim, ProgressListener.NONE);
        } catch (CorruptionException nothingLeft) {
            assertTrue(content.keySet().stream().noneMatch(name -> name.endsWith(".log")), message);
            return;
        }
        assertFalse(report.isSound(), message + ": " + report.findings());
        assertTrue(
                report.findings().stream().anyMatch(finding -> suspects.contains(finding.file())),
                message + ": " + report.findings());
        for (boolean readOnly : new boolean[] {true, false}) {
            CorruptionException refused = assertThrows(
                    CorruptionException.class,
                    () -> Store.open(victim, OPTIONS.withReadOnly(readOnly)).close(),
                    message);
            assertTrue(suspects.contains(refused.file()), message + ": " + refused.getMessage());
        }
        content.forEach((name, bytes) -> {
            if (name.endsWith(".log")) {
                assertArrayEquals(bytes, read(victim.resolve(name), name), "a refused store is left as it was");
            }
        });
    }

    private static byte[] read(Path file, String name) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new AssertionError(name, e);
        }
    }

    /** Without a checkpoint nothing says so but the last record of the segment before. */
    @Test
    void theSegmentThatTheLogLeadsOnToIsMissed() throws IOException {
        make(Ending.SYNCED);
        List<String> log = segments();
        checkNamedInEveryVariant(
                List.of(log.getLast()),
                "the last is missing",
                content -> content.keySet().removeIf(name -> isBehind(name, List.of(log.getLast()))));
    }

    @ParameterizedTest
    @EnumSource(Ending.class)
    void anyLastSegmentsThatAreMissingOrEmptyAreNamed(Ending ending) throws IOException {
        make(ending);
        checkSound();
        List<String> log = segments();
        assertTrue(log.size() >= 4, log.toString());
        for (int count = 1; count <= log.size(); count++) {
            List<String> gone = log.subList(log.size() - count, log.size());
            checkNamed(
                    suspects(gone),
                    gone + " missing",
                    content -> content.keySet().removeIf(name -> isBehind(name, gone)));
            if (count < log.size()) {
                checkNamed(
                        suspects(gone),
                        gone + " empty",
                        content -> gone.forEach(name -> content.put(name, new byte[0])));
            }
        }
    }

    /** Whether a file is one of these, or was made ahead of them. */
    private static boolean isBehind(String name, List<String> gone) {
        return name.endsWith(".log") && name.compareTo(gone.getFirst()) >= 0;
    }

    /** The first that is missing, or one that was retired in front of it: the word of that may be gone, too. */
    private static List<String> suspects(List<String> gone) {
        List<String> names = new ArrayList<>(gone);
        long first = Long.parseLong(gone.getFirst().substring(0, 10));
        for (long number = first; number > 0; number--) {
            names.add(String.format(java.util.Locale.ROOT, "%010d.log", number));
        }
        return names;
    }

    @ParameterizedTest
    @EnumSource(Ending.class)
    void aSegmentThatIsMissingAtTheBeginningOrInTheMiddleIsNamed(Ending ending) throws IOException {
        make(ending);
        List<String> log = segments();
        for (int first = 0; first < log.size() - 1; first++) {
            for (int end = first + 1; end < log.size(); end++) {
                List<String> gone = log.subList(first, end);
                checkNamed(gone, gone + " missing", content -> gone.forEach(content::remove));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Ending.class)
    void aSegmentThatIsCutShortIsNamed(Ending ending) throws IOException {
        make(ending);
        for (String name : segments()) {
            byte[] content = files.get(name);
            for (int length : lengths(content)) {
                checkNamed(
                        List.of(name),
                        name + " cut to " + length,
                        damaged -> damaged.put(name, Arrays.copyOf(content, length)));
            }
        }
    }

    /** All of them take something away that is no zero. */
    private static int[] lengths(byte[] content) {
        int end = content.length;
        while (content[end - 1] == 0) {
            end--;
        }
        return new int[] {1, 63, 64, 96, end / 2 & -8, end - 1};
    }

    @Test
    void aSegmentThatWasCutShortBetweenAnyTwoRecordsIsNamed() throws IOException {
        Path original = temporary.resolve("records");
        victim = Files.createDirectory(temporary.resolve("victim"));
        List<Integer> ends = new ArrayList<>();
        try (Store store = Store.open(original, OPTIONS)) {
            for (int i = 0; i < 20; i++) {
                ends.add((int) StoreAccess.owner(store).log.active().usedLength());
                store.put(key(i), random(100, i));
            }
            store.sync();
            files = read(original);
        }
        for (int end : ends) {
            checkNamed(
                    List.of("0000000001.log"),
                    "cut to " + end,
                    content -> content.put("0000000001.log", Arrays.copyOf(files.get("0000000001.log"), end)));
        }
    }

    /** What was durable when a segment was made ahead is known to that segment. */
    @Test
    void aSegmentThatIsReplacedByAnOlderCopyOfItIsNamedWhereALaterOneKnowsMore() throws IOException {
        Path original = temporary.resolve("older");
        victim = Files.createDirectory(temporary.resolve("victim"));
        byte[] older;
        try (Store store = Store.open(original, OPTIONS)) {
            store.put(key(0), random(1_000, 0));
            older = Files.readAllBytes(original.resolve("0000000001.log"));
            store.put(key(1), random(1_000, 1));
            store.sync();
            StoreAccess.owner(store).log.prepareNext();
            store.put(key(2), random(1_000, 2));
            files = read(original);
        }
        assertTrue(files.containsKey("0000000002.log"), files.keySet().toString());
        checkNamed(List.of("0000000001.log"), "replaced", content -> content.put("0000000001.log", older));
    }

    /** The record that says so is in the segment before: the last one is not closed by it. */
    @Test
    void aLogThatRolledOnSinceItWasClosedIsClosedAgain() throws IOException {
        Path directory = temporary.resolve("store");
        try (Store store = Store.open(directory, OPTIONS)) {
            store.put(key(0), bytes("old"));
            store.put(key(0), bytes("value"));
        }
        try (Store store = Store.open(directory, OPTIONS)) {
            store.compact(ProgressListener.NONE);
        }
        try (Store store = Store.open(directory, OPTIONS)) {
            assertArrayEquals(bytes("value"), store.getBytes(key(0)));
            StoreAccess.owner(store).log.rollNow();
        }
        try (Store store = Store.open(directory, OPTIONS)) {
            StoreAccess.owner(store).log.rollNow();
        }
        try (Store store = Store.open(directory, OPTIONS)) {
            assertArrayEquals(bytes("value"), store.getBytes(key(0)));
        }
        assertTrue(StoreVerifier.verify(directory, ProgressListener.NONE).isSound());
    }
}
