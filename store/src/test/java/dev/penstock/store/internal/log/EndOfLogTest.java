package dev.penstock.store.internal.log;

import static dev.penstock.store.StoreTest.bytes;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.LiveFile;
import dev.penstock.store.Store;
import dev.penstock.store.StoreAccess;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.WatchedDisk;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What recovery takes for the end of the log after the machine stopped, and what for damage. */
public class EndOfLogTest {

    private static final StoreOptions SMALL = StoreOptions.defaults().withSegmentSize(1 << 20);
    private static final String LOG = "0000000001.log";
    private static final int RECORD_LENGTH =
            (int) RecordLayout.recordLength(SegmentHeader.LENGTH, RecordLayout.commitWord(RecordLayout.VALUE, 3), 5);

    @TempDir
    Path temporary;

    /** What a power cut leaves of a store that was never closed. */
    private Path cut(String name, boolean sync) throws IOException {
        Path directory = temporary.resolve(name);
        Path image = temporary.resolve(name + "-image");
        Files.createDirectory(image);
        try (Store store = Store.open(directory, SMALL)) {
            store.put(bytes("key"), bytes("first"));
            if (sync) {
                store.sync();
            }
            store.put(bytes("key"), bytes("later"));
            for (String file : List.of("STORE", LOG)) {
                LiveFile.copy(directory.resolve(file), image.resolve(file));
            }
        }
        return image;
    }

    private static byte[] value(Path image) {
        try (Store store = Store.open(image, SMALL)) {
            assertEquals(1, store.count());
            return store.getBytes(bytes("key"));
        }
    }

    @Test
    void aRecordOfAnotherPlaceIsNotTakenForTheNextOne() throws IOException {
        Path image = cut("store", false);
        byte[] log = Files.readAllBytes(image.resolve(LOG));
        System.arraycopy(log, SegmentHeader.LENGTH, log, SegmentHeader.LENGTH + 2 * RECORD_LENGTH, RECORD_LENGTH);
        Files.write(image.resolve(LOG), log);
        assertArrayEquals(bytes("later"), value(image));
    }

    /** Else what is appended next could be followed by a record that was there before, and was lost. */
    @Test
    void whatIsWipedBehindTheEndIsForcedBeforeAnythingElseHappens() throws IOException {
        Path image = cut("store", false);
        byte[] log = Files.readAllBytes(image.resolve(LOG));
        log[SegmentHeader.LENGTH + 2 * RECORD_LENGTH + RecordLayout.KEY_OFFSET] = 1;
        Files.write(image.resolve(LOG), log);
        List<String> calls = Collections.synchronizedList(new ArrayList<>());
        WatchedDisk disk = new WatchedDisk((call, path) -> calls.add(call + " " + path.getFileName()));
        try (Store store = StoreAccess.open(disk, image, SMALL)) {
            assertArrayEquals(bytes("later"), store.getBytes(bytes("key")));
        }
        int wiped = calls.indexOf("WRITE " + LOG);
        assertTrue(wiped >= 0, calls.toString());
        assertEquals("FORCE " + LOG, calls.get(wiped + 1), calls.toString());
    }

    /** Else a power cut could bring a file back in the place of the one that got its number. */
    @Test
    void whatRecoveryDeletesIsGoneForGoodBeforeAnyFileIsMade() throws IOException {
        Path image = cut("store", false);
        String upload = "0000000001.value";
        Files.write(image.resolve(upload), new byte[8192]);
        List<String> calls = Collections.synchronizedList(new ArrayList<>());
        WatchedDisk disk = new WatchedDisk((call, path) -> calls.add(call + " " + path.getFileName()));
        try (Store store = StoreAccess.open(disk, image, SMALL)) {
            store.put(bytes("large"), new byte[300_000]);
        }
        int deleted = calls.indexOf("DELETE " + upload);
        int made = calls.indexOf("CREATE " + upload);
        assertTrue(deleted >= 0 && made > deleted, calls.toString());
        List<String> between = calls.subList(deleted, made);
        int forced = between.indexOf("FORCE_DIRECTORY " + image.getFileName());
        assertTrue(forced >= 0, calls.toString());
        assertTrue(between.subList(0, forced).stream().noneMatch(call -> call.startsWith("CREATE")), calls.toString());
    }

    @Test
    void aRecordOfAnotherStoreIsNotTakenForTheNextOne() throws IOException {
        Path image = cut("store", false);
        byte[] log = Files.readAllBytes(image.resolve(LOG));
        byte[] other = Files.readAllBytes(cut("other", false).resolve(LOG));
        int second = SegmentHeader.LENGTH + RECORD_LENGTH;
        System.arraycopy(other, second, log, second, RECORD_LENGTH);
        Files.write(image.resolve(LOG), log);
        assertArrayEquals(bytes("first"), value(image));
    }

    @Test
    void damageBelowAMarkIsNamedThoughTheCheckpointIsGone() throws IOException {
        Path image = cut("store", true);
        byte[] log = Files.readAllBytes(image.resolve(LOG));
        log[SegmentHeader.LENGTH + RecordLayout.KEY_OFFSET] ^= 1;
        Files.write(image.resolve(LOG), log);
        CorruptionException damage = assertThrows(CorruptionException.class, () -> value(image));
        assertEquals(LOG, damage.file());
        assertEquals(SegmentHeader.LENGTH, damage.offset());
    }
}
