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
        assertEquals(-1, KeptLog.lastToLetGo(folder, 120, MANY, 400));
        assertEquals(9, KeptLog.lastToLetGo(folder, 120, MANY, 399));
        assertEquals(19, KeptLog.lastToLetGo(folder, 120, MANY, 250));
        assertEquals(99, KeptLog.lastToLetGo(folder, 120, MANY, 100));
        assertEquals(99, KeptLog.lastToLetGo(folder, 120, MANY, 0), "what Ratis writes to stays");
        assertEquals(15, KeptLog.lastToLetGo(folder, 15, MANY, 0), "the store has no more");
    }

    @Test
    void entriesBeyondTheBoundOfTheirNumberAreLetGo() throws IOException {
        file("log_inprogress_0", 100);
        assertEquals(-1, KeptLog.lastToLetGo(folder, 50, 51, MANY));
        assertEquals(40, KeptLog.lastToLetGo(folder, 50, 10, MANY));
        assertEquals(-1, KeptLog.lastToLetGo(folder, -1, 0, MANY));
    }
}
