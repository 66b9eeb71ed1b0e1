package dev.penstock.server.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.Store;
import dev.penstock.store.ValueView;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads past the page cache send what they have read and nothing else. */
class DirectReadTest {

    private static final byte[] KEY = {'k'};

    @TempDir
    Path directory;

    @Test
    void aBufferThatAReadHasNotFilledIsNeverSent() throws IOException {
        try (Store store = Store.open(directory)) {
            store.put(KEY, new byte[3 << 20]);
        }
        try (Store store = Store.open(directory);
                ValueView view = store.get(KEY);
                DirectBuffers buffers = new DirectBuffers()) {
            // Nobody can open a file anew whose name is gone, so that each read is refused.
            deleteValueFiles();
            DirectRead read = DirectRead.begin(view.frame(), buffers, 0, view.frameLength());
            List<DiskReaders.Job> jobs = new ArrayList<>();
            read.fill(jobs::add);
            assertEquals(2, jobs.size());
            for (DiskReaders.Job job : jobs) {
                job.read(ByteBuffer.allocate(0));
                job.done(null);
                assertTrue(read.isUnsupported());
                assertFalse(read.isReady(), "a buffer with what was in it before");
            }
            read.close();
        }
    }

    private void deleteValueFiles() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file :
                    files.filter(name -> name.toString().endsWith(".value")).toList()) {
                Files.delete(file);
            }
        }
    }
}
