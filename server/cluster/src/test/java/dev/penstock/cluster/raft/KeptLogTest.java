package dev.penstock.cluster.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log keeps a bounded number of entries and of bytes, and never lets go of what the store may lack. */
class KeptLogTest {

    private static final long MANY = 1_000_000;

    @TempDir
    Path folder;

    private void file(String name, int length) throws IOException {
        Files.write(folder.resolve(name), new byte[length]);
    }

    @Test
    void filesOfTheLogBeyondTheBoundOfBytesAreLetGo() throws IOException {
        file("log_0-9", 100);
        file("log_10-19", 100);
        file("log_20-99", 100);
        file("log_inprogress_100", 100);
        file("raft-meta", 1000);
        assertEquals(-1, new KeptLog(MANY, 400).lastToLetGo(folder, 120));
        assertEquals(9, new KeptLog(MANY, 399).lastToLetGo(folder, 120));
        assertEquals(19, new KeptLog(MANY, 250).lastToLetGo(folder, 120));
        assertEquals(99, new KeptLog(MANY, 100).lastToLetGo(folder, 120));
        assertEquals(99, new KeptLog(MANY, 0).lastToLetGo(folder, 120), "what Ratis writes to stays");
        assertEquals(15, new KeptLog(MANY, 0).lastToLetGo(folder, 15), "the store has no more");
    }

    @Test
    void entriesBeyondTheBoundOfTheirNumberAreLetGo() throws IOException {
        file("log_inprogress_0", 100);
        assertEquals(-1, new KeptLog(51, MANY).lastToLetGo(folder, 50));
        assertEquals(40, new KeptLog(10, MANY).lastToLetGo(folder, 50));
        assertEquals(-1, new KeptLog(0, MANY).lastToLetGo(folder, -1));
    }
}
