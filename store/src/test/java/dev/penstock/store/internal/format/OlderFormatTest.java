package dev.penstock.store.internal.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.ProgressListener;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.WriteBatch;
import dev.penstock.store.check.StoreInspector;
import dev.penstock.store.check.StoreVerifier;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store of the format before is opened, and becomes one of this format when it is written to. */
class OlderFormatTest {

    /** The files of a small store, as the version before wrote them. */
    private static final String IDENTITY =
            "50454e53544f434b020000001a00000065e04a27af774f14b70fcab7671ff06f00000000000000000000000000000000"
                    + "000000000000000000000000e9b7c5d2";

    private static final String LOG =
            "504e53544b534547020000000100000065e04a27af774f14b70fcab7671ff06f01000000000000000100000000000000"
                    + "000000000000000000000004c61ab03501000010d6375d3601000000000000000500000000000000398126226124350d"
                    + "0a68656c6c6f0d0a010000114b1cd08702000000000000000300000000000000d72d3b536200d8c32cbb03000024330d"
                    + "0a6279650d0a0000010000206f68728703000000000000000000000000000000d783815f61000000000000c03f2a6cbe"
                    + "0400000000000000000000000000000049818de100000000";

    private static final byte[] KEY = "b".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path directory;

    @BeforeEach
    void write() throws IOException {
        Files.write(directory.resolve("STORE"), HexFormat.of().parseHex(IDENTITY));
        Files.write(directory.resolve("0000000001.log"), HexFormat.of().parseHex(LOG));
    }

    private int version() throws IOException {
        return Identity.version(Files.readAllBytes(directory.resolve("STORE")));
    }

    @Test
    void readingItChangesNothing() throws IOException {
        try (Store store = Store.open(directory, StoreOptions.defaults().withReadOnly(true))) {
            assertEquals("bye", new String(store.getBytes(KEY), StandardCharsets.UTF_8));
            assertEquals(0, store.mark().length);
        }
        assertTrue(StoreVerifier.verify(directory, ProgressListener.NONE).isSound());
        assertEquals(2, StoreInspector.inspect(directory, ProgressListener.NONE).formatVersion());
        assertEquals(2, version());
    }

    @Test
    void openingItForWritingRaisesItsVersion() throws IOException {
        try (Store store = Store.open(directory)) {
            assertEquals(Identity.FORMAT_VERSION, version());
            assertEquals("bye", new String(store.getBytes(KEY), StandardCharsets.UTF_8));
            store.write(new WriteBatch().put(KEY, KEY).mark(KEY));
        }
        try (Store store = Store.open(directory)) {
            assertArrayEquals(KEY, store.getBytes(KEY));
            assertArrayEquals(KEY, store.mark());
        }
        assertTrue(StoreVerifier.verify(directory, ProgressListener.NONE).isSound());
        assertEquals(
                Identity.FORMAT_VERSION,
                StoreInspector.inspect(directory, ProgressListener.NONE).formatVersion());
    }

    @Test
    void itsBackupHasTheVersionOfItsRecords(@TempDir Path backup) throws IOException {
        try (Store store = Store.open(directory)) {
            store.write(new WriteBatch().mark(KEY));
            store.backup(backup, ProgressListener.NONE);
        }
        assertEquals(Identity.FORMAT_VERSION, Identity.version(Files.readAllBytes(backup.resolve("STORE"))));
        try (Store store = Store.open(backup)) {
            assertArrayEquals(KEY, store.mark());
        }
    }

    /** The follower opened the store before it was one of this format, and shows what was written since. */
    @Test
    void theBackupOfAFollowerHasTheVersionOfItsRecords(@TempDir Path backup) throws IOException {
        try (Store follower = Store.open(directory, StoreOptions.defaults().withReadOnly(true))) {
            assertEquals(2, version());
            try (Store store = Store.open(directory)) {
                store.write(new WriteBatch().mark(KEY));
            }
            follower.refresh();
            follower.backup(backup, ProgressListener.NONE);
        }
        assertEquals(Identity.FORMAT_VERSION, Identity.version(Files.readAllBytes(backup.resolve("STORE"))));
        try (Store store = Store.open(backup)) {
            assertArrayEquals(KEY, store.mark());
        }
    }

    @Test
    void theBackupOfAFollowerBesideNoOwnerIsOfThisFormat(@TempDir Path backup) throws IOException {
        try (Store follower = Store.open(directory, StoreOptions.defaults().withReadOnly(true))) {
            follower.backup(backup, ProgressListener.NONE);
        }
        assertEquals(2, version());
        assertEquals(Identity.FORMAT_VERSION, Identity.version(Files.readAllBytes(backup.resolve("STORE"))));
        assertTrue(StoreVerifier.verify(backup, ProgressListener.NONE).isSound());
        try (Store store = Store.open(backup)) {
            assertArrayEquals("bye".getBytes(StandardCharsets.UTF_8), store.getBytes(KEY));
        }
    }
}
