package dev.penstock.store.internal.io;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An owner cuts its tail at close: who maps it then is told that it is cut short, and can look again. */
class MapWhileCutTest {

    private static final String NAME = "file";
    private static final int LENGTH = 64 << 10;
    private static final int ROUNDS = 20_000;

    @TempDir
    Path temporary;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFileThatIsCutWhileItIsMappedIsCutShort(boolean portable) throws Exception {
        Semaphore whole = new Semaphore(0);
        Semaphore cut = new Semaphore(0);
        AtomicBoolean ended = new AtomicBoolean();
        try (RandomAccessFile bytes =
                        new RandomAccessFile(temporary.resolve(NAME).toFile(), "rw");
                DiskDirectory directory =
                        portable ? PortableDirectory.open(temporary) : new SystemDisk().openDirectory(temporary);
                DiskFile file = directory.open(NAME, false)) {
            Thread cutter = new Thread(() -> {
                for (whole.acquireUninterruptibly(); !ended.get(); whole.acquireUninterruptibly()) {
                    cut(bytes);
                    cut.release();
                }
            });
            cutter.start();
            int refused = 0;
            try {
                for (int round = 0; round < ROUNDS; round++) {
                    bytes.setLength(LENGTH);
                    whole.release();
                    try (Arena arena = Arena.ofShared()) {
                        file.map(LENGTH, false, arena);
                    } catch (CutShortException expected) {
                        refused++;
                    }
                    cut.acquireUninterruptibly();
                }
            } finally {
                ended.set(true);
                whole.release();
                cutter.join();
            }
            assertTrue(refused > 0, "the file was never cut before it was mapped");
        }
    }

    private static void cut(RandomAccessFile bytes) {
        try {
            bytes.setLength(LENGTH / 2);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
