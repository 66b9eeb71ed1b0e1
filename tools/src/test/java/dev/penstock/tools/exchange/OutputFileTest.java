package dev.penstock.tools.exchange;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputFileTest {

    @TempDir
    Path folder;

    @Test
    void aCompleteFileHasItsNameAndIsItsOwnersAlone() throws IOException {
        Path file = folder.resolve("file");
        try (OutputFile out = OutputFile.create(file)) {
            out.content().write('a');
            assertArrayEquals(new String[] {"file.partial"}, folder.toFile().list());
            out.finish();
        }
        assertArrayEquals(new String[] {"file"}, folder.toFile().list());
        assertEquals("a", Files.readString(file));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }

    /** Both would write into the same one, and each would name what the other has written. */
    @Test
    void twoAtOnceDoNotShareAFile() throws IOException {
        Path file = folder.resolve("file");
        try (OutputFile out = OutputFile.create(file)) {
            FileAlreadyExistsException e =
                    assertThrows(FileAlreadyExistsException.class, () -> OutputFile.create(file));
            assertEquals(file + ".partial", e.getFile());
            out.finish();
        }
        assertArrayEquals(new String[] {"file"}, folder.toFile().list());
    }

    @Test
    void aDirectoryThatIsNotThereIsNamed() {
        Path missing = folder.resolve("missing");
        NoSuchFileException e =
                assertThrows(NoSuchFileException.class, () -> OutputFile.create(missing.resolve("file")));
        assertEquals(missing.toString(), e.getFile());
    }

    @Test
    void aFileThatIsMadeMeanwhileIsNotReplaced() throws IOException {
        Path file = folder.resolve("file");
        try (OutputFile out = OutputFile.create(file)) {
            out.content().write('a');
            Files.writeString(file, "precious");
            assertThrows(FileAlreadyExistsException.class, out::finish);
        }
        assertEquals("precious", Files.readString(file));
        assertArrayEquals(new String[] {"file"}, folder.toFile().list());
    }
}
