package dev.penstock.server.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.transfer.ValueFrame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Reads past the page cache send what they have read and nothing else. */
class DirectReadTest {

    @Test
    void aBufferThatAReadHasNotFilledIsNeverSent() throws IOException {
        try (DirectBuffers buffers = new DirectBuffers()) {
            // As on a file system that knows no reads past the page cache.
            DirectRead.Source refusing = (offset, most, buffer) -> ValueFrame.UNSUPPORTED;
            DirectRead read = DirectRead.begin(refusing, buffers, 0, 3 << 20);
            List<DiskReaders.ReaderJob> jobs = new ArrayList<>();
            read.fill(jobs::add);
            assertEquals(2, jobs.size());
            for (DiskReaders.ReaderJob job : jobs) {
                job.read(ByteBuffer.allocate(0));
                job.done(null);
                assertTrue(read.isUnsupported());
                assertFalse(read.isReady(), "a buffer with what was in it before");
            }
            read.close();
        }
    }
}
