package dev.penstock.store.internal.segment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.io.OpenFiles;
import dev.penstock.store.internal.io.OutOfDescriptorsException;
import dev.penstock.store.internal.io.SystemDisk;
import dev.penstock.store.internal.reclaim.Reclaimer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file of a large value is closed and opened again as descriptors allow, and is never taken for another one. */
@Tag("slow")
class ReopenedFilesTest {

    private static final int OPEN = 4;
    private static final int VALUES = 40;
    private static final int LENGTH = 20_000;

    @TempDir
    Path directory;

    private final List<LargeSegment> values = new ArrayList<>();
    private final Reclaimer reclaimer = new Reclaimer(new Reclaimer.Schedule() {
        @Override
        public void wakeUp() {}

        @Override
        public void lookAgainAfter(long nanos) {}
    });

    @BeforeEach
    void fill() throws IOException {
        SegmentFactory factory = factory(new UUID(1, 2), directory);
        for (int i = 0; i < VALUES; i++) {
            values.add(write(factory, i));
        }
    }

    private SegmentFactory factory(UUID storeId, Path place) throws IOException {
        SegmentFactory factory = new SegmentFactory(
                new SystemDisk().openDirectory(place),
                storeId,
                20,
                reclaimer,
                new LargeMappings(VALUES, VALUES),
                new OpenFiles(OPEN));
        factory.startAt(1, 1);
        return factory;
    }

    private static LargeSegment write(SegmentFactory factory, int number) throws IOException {
        LargeSegment value = factory.createLarge(1, LENGTH);
        value.allocateAll();
        byte[] bytes = new byte[LENGTH];
        java.util.Arrays.fill(bytes, (byte) (number + 1));
        value.file().write(ByteBuffer.wrap(bytes), value.valueOffset());
        ByteBuffer record = ByteBuffer.allocate(RecordLayout.BARE_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        record.putInt(RecordLayout.COMMIT_WORD_OFFSET, value.commitWord());
        record.putLong(RecordLayout.SEQUENCE_OFFSET, sequence(number));
        value.file().write(record, SegmentHeader.LENGTH);
        value.recordSequence(sequence(number));
        value.filled();
        value.force();
        return value;
    }

    private static long sequence(int number) {
        return 100L + number;
    }

    @AfterEach
    void close() {
        values.forEach(LargeSegment::close);
    }

    private static int read(LargeSegment value) throws IOException {
        ByteBuffer one = ByteBuffer.allocate(1);
        value.file().read(one, value.valueOffset() + LENGTH - 1);
        return one.get(0);
    }

    private long openHere() throws IOException {
        try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors
                    .filter(descriptor -> {
                        try {
                            return Files.readSymbolicLink(descriptor).startsWith(directory.toRealPath())
                                    && descriptor.toRealPath().toString().endsWith(".value");
                        } catch (IOException closedMeanwhile) {
                            return false;
                        }
                    })
                    .count();
        }
    }

    private void closeAllBut(LargeSegment used) throws IOException {
        for (LargeSegment value : values) {
            if (value != used) {
                read(value);
            }
        }
        for (LargeSegment value : values.subList(0, 2 * OPEN + 1)) {
            if (value != used) {
                read(value);
            }
        }
    }

    @Test
    void fewAreOpenAndAllAreRead() throws IOException {
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < VALUES; i++) {
                assertEquals(i + 1, read(values.get(i)));
                assertTrue(openHere() <= OPEN, openHere() + " are open");
            }
        }
    }

    @Test
    void aFileThatSomebodyExchangedIsRefused() throws IOException {
        LargeSegment value = values.get(20);
        Path path = value.file().path();
        closeAllBut(value);
        Path other = values.get(30).file().path();
        Path foreign = Files.createDirectory(directory.resolve("foreign"));
        LargeSegment ofOtherStore = write(factory(new UUID(3, 4), foreign), 20);
        Path older = directory.resolve("older");
        Files.copy(path, older);
        try (var file = new SystemDisk().openDirectory(directory).open("older", true)) {
            ByteBuffer sequence = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            sequence.putLong(0, sequence(20) - 1);
            file.write(sequence, SegmentHeader.LENGTH + RecordLayout.SEQUENCE_OFFSET);
        }
        Path empty = Files.createFile(directory.resolve("empty"));
        Path kept = directory.resolve("kept");
        Files.move(path, kept);
        for (Path instead : List.of(other, ofOtherStore.file().path(), older, empty)) {
            Files.copy(instead, path, StandardCopyOption.REPLACE_EXISTING);
            CorruptionException refused =
                    assertThrows(CorruptionException.class, () -> read(value), instead.toString());
            assertEquals(path.getFileName().toString(), refused.file());
        }
        Files.delete(path);
        CorruptionException missing = assertThrows(CorruptionException.class, () -> read(value));
        assertTrue(missing.getMessage().contains("missing"), missing.getMessage());
        Files.move(kept, path);
        assertEquals(21, read(value));
        ofOtherStore.close();
    }

    @Test
    void whatIsKeptOpenStaysWhatItIsWithoutAName() throws IOException {
        LargeSegment value = values.get(20);
        read(value);
        int lease = value.keepOpen(value.acquire());
        Files.delete(value.file().path());
        closeAllBut(value);
        assertEquals(21, read(value));
        value.release(lease);
        closeAllBut(value);
        assertThrows(CorruptionException.class, () -> read(value));
    }

    @Test
    void theFileOfAnotherStoresValueMayGoAndIsNotTakenForTheNextOne() throws IOException {
        LargeSegment value = values.get(20);
        value.follow();
        int lease = value.keepOpen(value.acquire());
        Files.move(value.file().path(), directory.resolve("next"));
        closeAllBut(value);
        assertEquals(21, read(value));
        value.release(lease);
        closeAllBut(value);
        int late = value.acquire();
        assertThrows(NoSuchFileException.class, () -> value.keepOpen(late));
        try (var file = new SystemDisk().openDirectory(directory).open("next", true)) {
            ByteBuffer later = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            file.write(later.putLong(0, 5_000), SegmentHeader.LENGTH + RecordLayout.SEQUENCE_OFFSET);
        }
        Files.move(directory.resolve("next"), value.file().path());
        assertThrows(NoSuchFileException.class, () -> value.keepOpen(late));
        value.release(late);
    }

    /** Something restores other files under a running store, or compaction has removed the file meanwhile. */
    @Test
    void aSegmentOfTheLogWhoseFileIsAnotherOrGoneIsReadFromItsMapping() throws IOException {
        Path place = Files.createDirectory(directory.resolve("log"));
        SegmentFactory factory = factory(new UUID(1, 2), place);
        Segment segment = factory.create(1, 0);
        segment.file().write(ByteBuffer.wrap(new byte[] {7}), SegmentHeader.LENGTH);
        segment.file().force();
        Path path = segment.file().path();
        Path other = directory.resolve("another");
        Files.copy(path, other);
        try (var file = new SystemDisk().openDirectory(directory).open("another", true)) {
            file.write(ByteBuffer.wrap(new byte[] {8}), SegmentHeader.LENGTH);
        }
        Files.move(other, path, StandardCopyOption.REPLACE_EXISTING);
        assertEquals(7, firstByte(segment), "it is kept open");
        segment.forced();
        List<LargeSegment> others = new ArrayList<>();
        for (int i = 0; i < 3 * OPEN; i++) {
            others.add(write(factory, i));
        }
        assertEquals(7, firstByte(segment), "another file has its name");
        Files.delete(path);
        assertEquals(7, firstByte(segment), "its file is gone");
        others.forEach(LargeSegment::close);
        segment.close();
    }

    /** The same when it is read and when it is sent. */
    private static int firstByte(Segment segment) throws IOException {
        ByteBuffer one = ByteBuffer.allocate(1);
        assertEquals(1, segment.file().read(one, SegmentHeader.LENGTH));
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        assertEquals(1, segment.file().transferTo(SegmentHeader.LENGTH, 1, Channels.newChannel(sent)));
        assertEquals(one.get(0), sent.toByteArray()[0]);
        return one.get(0);
    }

    @Test
    void tooManyThatMustStayOpenAreRefused() throws IOException {
        Path place = Files.createDirectory(directory.resolve("more"));
        SegmentFactory factory = factory(new UUID(1, 2), place);
        List<LargeSegment> uploads = new ArrayList<>();
        for (int i = 0; i < 2 * OPEN; i++) {
            uploads.add(factory.createGrowing(3));
        }
        OutOfDescriptorsException refused =
                assertThrows(OutOfDescriptorsException.class, () -> factory.createGrowing(3));
        assertTrue(refused.getMessage().contains("ulimit -n"), refused.getMessage());
        uploads.getFirst().close();
        uploads.add(factory.createGrowing(3));
        uploads.forEach(LargeSegment::close);
    }

    /** Every read sees the value's own bytes, though files are closed and opened under the readers all the time. */
    @Test
    void manyReadersOfMoreValuesThanAreOpenAllSeeWhatIsThere() throws Exception {
        long seed = Long.getLong("penstock.seed", System.nanoTime());
        System.out.println("ReopenedFilesTest: -Dpenstock.seed=" + seed);
        int readers = 4;
        try (ExecutorService threads = Executors.newFixedThreadPool(readers)) {
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int reader = 0; reader < readers; reader++) {
                SplittableRandom random = new SplittableRandom(seed + reader);
                tasks.add(() -> {
                    for (int read = 0; read < 3_000; read++) {
                        int number = random.nextInt(VALUES);
                        LargeSegment value = values.get(number);
                        int lease = value.acquire();
                        if (random.nextBoolean()) {
                            lease = value.keepOpen(lease);
                        }
                        assertEquals(number + 1, read(value));
                        assertEquals(number + 1, read(value));
                        value.release(lease);
                    }
                    return null;
                });
            }
            for (Future<Void> done : threads.invokeAll(tasks)) {
                done.get();
            }
        }
        for (LargeSegment value : values.subList(0, OPEN + 1)) {
            read(value);
        }
        assertTrue(openHere() <= OPEN, openHere() + " are open");
    }
}
