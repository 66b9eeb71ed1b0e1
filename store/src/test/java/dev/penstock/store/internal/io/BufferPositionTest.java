package dev.penstock.store.internal.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A read or a write that is interrupted is made again from where the buffer stood; one that fails leaves it there. */
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BufferPositionTest {

    private static final int BEFORE = 7;
    private static final int LENGTH = 3_000_000;
    private static final int BEHIND = 11;
    private static final int ROUNDS = 10;

    @TempDir
    Path directory;

    private DiskDirectory open(boolean portable) throws IOException {
        return portable ? PortableDirectory.open(directory) : new SystemDisk().openDirectory(directory);
    }

    private static ByteBuffer buffer(boolean direct) {
        int capacity = BEFORE + LENGTH + BEHIND;
        ByteBuffer buffer = direct ? ByteBuffer.allocateDirect(capacity) : ByteBuffer.allocate(capacity);
        return buffer.position(BEFORE).limit(BEFORE + LENGTH);
    }

    @ParameterizedTest
    @CsvSource({"false,false", "false,true", "true,false", "true,true"})
    void theBufferMovesByWhatIsMovedHoweverOftenTheThreadIsInterrupted(boolean portable, boolean direct)
            throws Exception {
        byte[] content = new byte[LENGTH];
        new Random(1).nextBytes(content);
        Thread worker = Thread.currentThread();
        AtomicBoolean ended = new AtomicBoolean();
        int interrupts = 0;
        try (DiskDirectory place = open(portable);
                DiskFile file = place.create("file")) {
            Thread interrupter = Thread.ofPlatform().start(() -> {
                while (!ended.get()) {
                    worker.interrupt();
                }
            });
            try {
                for (int round = 0; round < ROUNDS; round++) {
                    ByteBuffer source = buffer(direct);
                    source.put(BEFORE, content);
                    file.write(source, 5);
                    assertEquals(BEFORE + LENGTH, source.position());
                    ByteBuffer target = buffer(direct);
                    assertEquals(LENGTH, file.read(target, 5));
                    assertEquals(BEFORE + LENGTH, target.position());
                    byte[] read = new byte[LENGTH];
                    target.get(BEFORE, read);
                    assertArrayEquals(content, read);
                    target = buffer(direct);
                    assertEquals(LENGTH / 2, file.read(target, 5 + LENGTH - LENGTH / 2));
                    assertEquals(BEFORE + LENGTH / 2, target.position());
                    interrupts += Thread.interrupted() ? 1 : 0;
                }
            } finally {
                ended.set(true);
                while (interrupter.isAlive()) {
                    Thread.onSpinWait();
                }
                Thread.interrupted();
            }
        }
        assertTrue(interrupts > 0, "never interrupted");
        assertFalse(worker.isInterrupted());
    }

    @ParameterizedTest
    @CsvSource({"false,false", "false,true", "true,false", "true,true"})
    void theBufferStaysWhereItWasIfTheCallFails(boolean portable, boolean direct) throws IOException {
        try (DiskDirectory place = open(portable)) {
            DiskFile file = place.create("file");
            file.write(ByteBuffer.wrap(new byte[100]), 0);
            file.close();
            ByteBuffer buffer = buffer(direct);
            assertThrows(ClosedChannelException.class, () -> file.write(buffer, 0));
            assertEquals(BEFORE, buffer.position());
            assertThrows(ClosedChannelException.class, () -> file.read(buffer, 0));
            assertEquals(BEFORE, buffer.position());
            DiskFile readOnly = place.open("file", false);
            assertThrows(Exception.class, () -> readOnly.write(buffer, 0));
            assertEquals(BEFORE, buffer.position());
            readOnly.close();
        }
    }
}
