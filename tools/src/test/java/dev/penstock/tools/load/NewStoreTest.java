package dev.penstock.tools.load;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.NotAStoreException;
import dev.penstock.store.Store;
import dev.penstock.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A failed import removes the store that it made, and no other: whatever others do in between. */
class NewStoreTest {

    private static final byte[] KEY = "key".getBytes(UTF_8);
    private static final byte[] MINE = "mine".getBytes(UTF_8);

    @TempDir
    Path folder;

    /** A store that an import made, without the file by which it is recognized, and closed. */
    private NewStore withdrawn(Path directory, int entries) throws IOException {
        NewStore made = new NewStore(directory);
        try (Store store = Store.open(directory)) {
            for (int i = 0; i < entries; i++) {
                store.put(("part" + i).getBytes(UTF_8), new byte[i]);
            }
            made.withdraw();
            assertThrows(StoreException.class, () -> Store.open(directory), "nobody gets in meanwhile");
        }
        return made;
    }

    @Test
    void aMissingDirectoryIsMissingAgainAndAnEmptyOneIsEmpty() throws IOException {
        Path missing = folder.resolve("missing");
        assertTrue(withdrawn(missing, 10).discard());
        assertFalse(Files.exists(missing));
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertTrue(withdrawn(empty, 10).discard());
        assertEquals(0, empty.toFile().list().length);
    }

    @Test
    void noOtherProcessOpensTheStoreBetweenItsCloseAndItsRemoval() throws IOException {
        Path directory = folder.resolve("store");
        NewStore made = withdrawn(directory, 10);
        assertThrows(NotAStoreException.class, () -> Store.open(directory));
        assertTrue(made.discard());
        assertFalse(Files.exists(directory));
    }

    /** Two imports, of which the second removes what the first has left, and makes a store of its own. */
    @Test
    void aStoreThatTheNextImportMakesStays() throws IOException {
        Path directory = folder.resolve("store");
        NewStore first = withdrawn(directory, 10);
        assertTrue(new NewStore(directory).removeRemains());
        try (Store other = Store.open(directory)) {
            other.put(KEY, MINE);
            assertFalse(first.discard(), "while it is open");
        }
        assertTrue(first.discard(), "and once it is closed");
        try (Store other = Store.open(directory)) {
            assertArrayEquals(MINE, other.getBytes(KEY));
        }
    }

    @Test
    void aStoreThatWasNotWithdrawnOrNotNewStays() throws IOException {
        Path directory = folder.resolve("store");
        NewStore made = new NewStore(directory);
        try (Store store = Store.open(directory)) {
            store.put(KEY, MINE);
        }
        assertFalse(made.discard());
        NewStore found = new NewStore(directory);
        found.withdraw();
        assertFalse(found.discard());
        assertTrue(found.removeRemains());
        try (Store store = Store.open(directory)) {
            assertArrayEquals(MINE, store.getBytes(KEY));
        }
    }

    @Test
    void otherFilesStay() throws IOException {
        Path directory = folder.resolve("store");
        NewStore made = withdrawn(directory, 10);
        Path note = Files.writeString(directory.resolve("note.txt"), "precious");
        assertTrue(made.discard());
        assertArrayEquals(new String[] {"note.txt"}, directory.toFile().list());
        assertEquals("precious", Files.readString(note));
    }
}
