package dev.penstock.store.check;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.Durability;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.internal.format.RecordLayout;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What verify and inspect say is what opening the store does; an owner that continues writing makes no difference. */
class StoreVerifierTest {

    private static final StoreOptions OPTIONS = StoreOptions.defaults()
            .withSegmentSize(1 << 20)
            .withDurability(Durability.NONE)
            .withCompactionRate(0);

    private static final String FIRST_SEGMENT = "0000000001.log";
    private static final String SECOND_SEGMENT = "0000000002.log";
    private static final int LARGE = 1 << 20;

    @TempDir
    Path temporary;

    private static byte[] key(int number) {
        return ("key" + number).getBytes(UTF_8);
    }

    private static List<Finding> corruptions(Path directory) {
        return StoreVerifier.verify(directory, ProgressListener.NONE).findings().stream()
                .filter(finding -> finding.severity() == Finding.Severity.CORRUPTION)
                .toList();
    }

    /** A process that is killed while one writer fills a long record and others write behind it leaves that. */
    @Test
    void whatLiesBehindAnUnfinishedRecordIsNoDamageHoweverManySegmentsItFills() throws IOException {
        Path directory = temporary.resolve("store");
        Path killed = Files.createDirectory(temporary.resolve("killed"));
        try (Store store = Store.open(directory, OPTIONS)) {
            for (int i = 0; i < 16; i++) {
                store.put(key(i), new byte[200_000]);
            }
            copy(directory, killed);
        }
        assertEquals(List.of(), corruptions(killed));
        unpublishSecond(killed.resolve(SECOND_SEGMENT));

        assertEquals(List.of(), corruptions(killed));
        long keyCount = StoreInspector.inspect(killed, ProgressListener.NONE).keyCount();
        try (Store store = Store.open(killed, OPTIONS)) {
            assertEquals(store.count(), keyCount);
            assertTrue(keyCount > 1 && keyCount < 12, () -> keyCount + " keys are before the hole");
        }
        assertEquals(List.of(), corruptions(killed));
    }

    /** Zeros, as of a claim that nobody filled, in the place of the second record. */
    private static void unpublishSecond(Path segment) throws IOException {
        String content = Files.readString(segment, ISO_8859_1);
        int second = content.indexOf("key", content.indexOf("key") + 1) - RecordLayout.KEY_OFFSET;
        try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "rw")) {
            file.seek(second);
            file.write(new byte[RecordLayout.KEY_OFFSET]);
        }
    }

    /** A closed log is as long as its records, however long its first segment was before. */
    @Test
    void aDamagedRecordOfAClosedLogIsTheOnlyFinding() throws IOException {
        Path directory = temporary.resolve("store");
        try (Store store = Store.open(directory, OPTIONS)) {
            store.put(key(1), key(1));
            store.put(key(2), key(2));
        }
        Path log = directory.resolve(FIRST_SEGMENT);
        int second = Files.readString(log, ISO_8859_1).indexOf("key2") - RecordLayout.KEY_OFFSET;
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "rw")) {
            flip(file, second + RecordLayout.SEQUENCE_OFFSET);
        }

        assertEquals(
                List.of(FindingCode.RECORDS_DAMAGED),
                corruptions(directory).stream().map(Finding::code).toList());
        for (StoreOptions options : List.of(OPTIONS, OPTIONS.withReadOnly(true))) {
            CorruptionException damage = assertThrows(CorruptionException.class, () -> Store.open(directory, options));
            assertEquals(FIRST_SEGMENT, damage.file());
            assertEquals(second, damage.offset(), damage.getMessage());
            assertTrue(damage.getMessage().contains("header checksum does not match"), damage.getMessage());
        }
    }

    /** The threads that compare values ahead are done at different times. */
    @Test
    void damagedValuesOfManySegmentsAreReportedInTheOrderOfTheFiles() throws IOException {
        Path directory = temporary.resolve("store");
        try (Store store = Store.open(directory, OPTIONS)) {
            for (int i = 0; i < 100; i++) {
                store.put(key(i), "a value of %d ".formatted(i).repeat(10_000).getBytes(UTF_8));
            }
            for (int i = 100; i < 110; i++) {
                store.put(key(i), new byte[3 * LARGE]);
            }
        }
        List<String> expected = new ArrayList<>();
        for (Path file : files(directory, ".log")) {
            try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
                if (bytes.length() > LARGE / 2) {
                    flip(bytes, 100_000);
                    expected.add(FindingCode.VALUE_DAMAGED + " " + file.getFileName());
                }
            }
        }
        for (Path file : files(directory, ".value")) {
            try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
                flip(bytes, 2 * LARGE);
                expected.add(FindingCode.VALUE_FILE_DAMAGED + " " + file.getFileName());
            }
        }
        expected.sort(Comparator.comparing(line -> line.substring(line.indexOf(' '))));
        assertTrue(expected.size() > 15, () -> expected + " is too little");

        assertEquals(
                expected,
                corruptions(directory).stream()
                        .map(finding -> finding.code() + " " + finding.file())
                        .toList());
    }

    @Test
    void progressNeverGoesBackAndEndsWithAllBytes() throws IOException {
        Path directory = temporary.resolve("store");
        try (Store store = Store.open(directory, OPTIONS)) {
            for (int i = 0; i < 20; i++) {
                store.put(key(i), new byte[i % 2 == 0 ? 200_000 : 5 * LARGE]);
            }
        }
        List<Long> reported = new ArrayList<>(List.of(0L));
        VerifyReport report = StoreVerifier.verify(directory, (done, total) -> {
            assertTrue(reported.getLast() <= done && done <= total, () -> done + " of " + total + " after " + reported);
            reported.add(done);
        });
        assertEquals(report.bytesRead(), reported.getLast());
        assertEquals(10, report.largeValueCount());
    }

    private static List<Path> files(Path directory, String suffix) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(suffix))
                    .sorted()
                    .toList();
        }
    }

    private static void flip(RandomAccessFile bytes, long offset) throws IOException {
        bytes.seek(offset);
        int old = bytes.read();
        bytes.seek(offset);
        bytes.write(old ^ 1);
    }

    @Test
    void anOwnerThatReplacesLargeValuesIsNotCalledDamaged() throws Exception {
        Path directory = temporary.resolve("store");
        byte[] value = new byte[LARGE];
        whileAnOwnerWrites(
                directory,
                (store, round) -> store.put(key(round % 4), value),
                () -> assertEquals(List.of(), corruptions(directory)));
    }

    @Test
    void anOwnerThatRemovesFilesDoesNotEndVerifyOrInspect() throws Exception {
        Path directory = temporary.resolve("store");
        byte[] value = new byte[LARGE];
        byte[] small = new byte[100_000];
        whileAnOwnerWrites(
                directory,
                (store, round) -> {
                    store.put(key(round % 8), round % 3 == 0 ? value : small);
                    if (round % 50 == 0) {
                        store.compact(ProgressListener.NONE);
                    }
                },
                () -> {
                    assertEquals(List.of(), corruptions(directory));
                    StoreSummary summary = StoreInspector.inspect(directory, ProgressListener.NONE);
                    assertTrue(summary.keyCount() <= 8, () -> summary.keyCount() + " keys");
                });
    }

    /** The tail is read when it leads to a segment that came after the files were listed, and is gone again. */
    @Test
    void aSegmentThatComesAndGoesWhileTheLogIsReadIsNotCalledMissing() throws IOException {
        Path directory = temporary.resolve("store");
        byte[] value = new byte[200_000];
        try (Store store = Store.open(directory, OPTIONS)) {
            for (int i = 0; !Files.exists(directory.resolve(SECOND_SEGMENT)) || i < 8; i++) {
                store.put(key(i), value);
            }
            boolean[] written = new boolean[1];
            VerifyReport report = StoreVerifier.verify(directory, (done, total) -> {
                if (!written[0]) {
                    written[0] = true;
                    replaceAllSegments(store, directory, value);
                }
            });
            assertTrue(written[0]);
            assertEquals(
                    List.of(),
                    report.findings().stream()
                            .filter(finding -> finding.severity() == Finding.Severity.CORRUPTION)
                            .toList());
        }
    }

    private static void replaceAllSegments(Store store, Path directory, byte[] value) {
        List<Path> before = logFiles(directory);
        for (int i = 0; i < 40; i++) {
            store.put(key(i % 8), value);
        }
        List<Path> between = logFiles(directory);
        for (int i = 0; i < 40; i++) {
            store.put(key(i % 8), value);
        }
        store.compact(ProgressListener.NONE);
        List<Path> after = logFiles(directory);
        between.removeAll(before);
        between.removeAll(after);
        assertTrue(between.size() > 2, () -> "only " + between + " have come and gone");
    }

    private static List<Path> logFiles(Path directory) {
        try {
            return new ArrayList<>(files(directory, ".log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private interface Write {
        void run(Store store, int round) throws IOException;
    }

    private static void whileAnOwnerWrites(Path directory, Write write, Runnable look) throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        try (Store store = Store.open(directory, OPTIONS);
                ExecutorService writer = Executors.newSingleThreadExecutor()) {
            Future<?> writing = writer.submit(() -> {
                for (int round = 0; !done.get(); round++) {
                    write.run(store, round);
                }
                return null;
            });
            try {
                for (int i = 0; i < 40; i++) {
                    look.run();
                }
            } finally {
                done.set(true);
                writing.get();
            }
        }
    }

    @Test
    void aLogWithoutAnyHeaderIsRefusedByName() throws IOException {
        Path directory = temporary.resolve("store");
        try (Store store = Store.open(directory, OPTIONS)) {
            for (int i = 0; i < 16; i++) {
                store.put(key(i), new byte[200_000]);
            }
        }
        Files.delete(directory.resolve(FIRST_SEGMENT));
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".log")).toList()) {
                Files.write(file, new byte[(int) Files.size(file)]);
            }
        }
        CorruptionException verify =
                assertThrows(CorruptionException.class, () -> StoreVerifier.verify(directory, ProgressListener.NONE));
        CorruptionException inspect =
                assertThrows(CorruptionException.class, () -> StoreInspector.inspect(directory, ProgressListener.NONE));
        assertEquals(verify.getMessage(), inspect.getMessage());
        assertNotEquals("", verify.file());
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }
}
