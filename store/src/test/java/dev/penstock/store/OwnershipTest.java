package dev.penstock.store;

import static dev.penstock.store.StoreTest.bytes;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A directory has one owner at a time, whichever way it is reached, and its files are nobody else's. */
class OwnershipTest {

    @TempDir
    Path directory;

    @Test
    void aReadOnlyStoreReadsBesideItsOwnerAndRefusesToWrite() {
        try (Store owner = Store.open(directory)) {
            owner.put(bytes("key"), bytes("value"));
            try (Store reader = Store.open(directory, StoreOptions.defaults().withReadOnly(true))) {
                assertArrayEquals(bytes("value"), reader.getBytes(bytes("key")));
                assertThrows(ReadOnlyStoreException.class, () -> reader.put(bytes("key"), bytes("no")));
            }
        }
    }

    @Test
    void aStoreMayBeOpenedThroughALinkToItsDirectory() throws IOException {
        Path real = Files.createDirectory(directory.resolve("real"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), real);
        try (Store store = Store.open(link)) {
            store.put(bytes("key"), bytes("value"));
            assertThrows(StoreLockedException.class, () -> Store.open(real));
        }
        try (Store store = Store.open(real)) {
            assertArrayEquals(bytes("value"), store.getBytes(bytes("key")));
        }
    }

    @Test
    void aSecondOwnerIsRefused() {
        try (Store owner = Store.open(directory)) {
            StoreLockedException refused = assertThrows(StoreLockedException.class, () -> Store.open(directory));
            assertTrue(refused.getMessage().contains(directory.toString()), refused.getMessage());
            owner.put(bytes("key"), bytes("value"));
        }
        Store.open(directory).close();
    }

    @Test
    void filesAreTheOwnersAlone() throws IOException {
        Path store = directory.resolve("store");
        try (Store opened = Store.open(store)) {
            opened.put(bytes("large"), new byte[2 << 20]);
            try (Stream<Path> files = Files.list(store)) {
                files.forEach(file -> assertEquals("rw-------", permissions(file), file.toString()));
            }
        }
        assertEquals("rwx------", permissions(store));
    }

    private static String permissions(Path path) {
        try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
