package dev.penstock.store.threat.kill;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.Snapshot;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.TestJvm;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A read-only store follows writers in other processes, which compact all the time and are killed, or close, one after
 * the other: it never shows a wrong byte, nor for any key something older than it has shown, and after a refresh all
 * that the writer was told is stored. How many writers there are is {@code -Dpenstock.follow.writers}, the seed {@code
 * -Dpenstock.seed}.
 */
@Tag("slow")
class FollowedKillTest {

    private static final int WRITERS = Integer.getInteger("penstock.follow.writers", 6);
    private static final int MIN_CHANGES = 500;
    private static final int MAX_CHANGES = 3_000;
    private static final int ALL_KEYS = FollowedWriter.KEYS + FollowedWriter.BATCH_KEYS;

    @TempDir
    Path directory;

    private final AtomicLongArray acknowledged = new AtomicLongArray(ALL_KEYS);
    private final long[] shown = new long[ALL_KEYS];
    private volatile long lastCount;
    private volatile boolean writing;

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aFollowerShowsNothingWrongAndNothingOlder() throws Exception {
        long seed = Long.getLong("penstock.seed", System.nanoTime());
        System.out.println("FollowedKillTest: -Dpenstock.seed=" + seed + " -Dpenstock.follow.writers=" + WRITERS);
        Random random = new Random(seed);
        StoreOptions options = StoreOptions.defaults().withSegmentSize(1 << 20);
        Store.open(directory, options).close();
        try (Store follower = Store.open(directory, options.withReadOnly(true))) {
            for (int writer = 0; writer < WRITERS; writer++) {
                int changes = MIN_CHANGES + random.nextInt(MAX_CHANGES - MIN_CHANGES);
                boolean killed = random.nextInt(3) > 0;
                Thread reader = write(random.nextLong(), changes, killed);
                for (int look = 0; writing; look++) {
                    look(follower, look);
                }
                reader.join();
                checkAllIsThere(follower);
                checkSnapshot(follower);
            }
        }
    }

    private void look(Store follower, int look) {
        switch (look % 16) {
            case 3 -> checkScan(follower);
            case 7 -> checkSnapshot(follower);
            case 11 -> {
                try (Store opened =
                        Store.open(directory, StoreOptions.defaults().withReadOnly(true))) {
                    checkAllIsThere(opened);
                }
                // It may have shown what the follower had not come to.
                checkAllIsThere(follower);
            }
            case 5, 13 -> checkAllIsThere(follower);
            default -> {
                for (int key = 0; key < ALL_KEYS; key++) {
                    checkKey(follower, key);
                }
            }
        }
    }

    // --- checks ---

    private long checkKey(Store follower, int key) {
        byte[] value = follower.getBytes(FollowedWriter.key(key));
        if (value == null) {
            boolean isRemoved = key >= FollowedWriter.LASTING_KEYS && key < FollowedWriter.KEYS;
            assertTrue(isRemoved || shown[key] == 0, "key " + key + " was lost");
            return 0;
        }
        checkValue(key, value);
        return shown[key];
    }

    private void checkValue(int key, byte[] value) {
        long count = FollowedWriter.count(value);
        assertArrayEquals(FollowedWriter.value(key, count), value, "wrong bytes of key " + key);
        assertTrue(count >= shown[key], "key " + key + " went back from " + shown[key] + " to " + count);
        shown[key] = count;
    }

    /** A count that was acknowledged for a removal is nobody's: a value that is there then is a later one. */
    private void checkAllIsThere(Store follower) {
        long[] before = new long[ALL_KEYS];
        Arrays.setAll(before, acknowledged::get);
        follower.refresh();
        for (int key = 0; key < ALL_KEYS; key++) {
            long count = checkKey(follower, key);
            boolean isRemoved = key >= FollowedWriter.LASTING_KEYS && key < FollowedWriter.KEYS;
            if (count > 0 || !isRemoved) {
                assertTrue(count >= before[key], "key " + key + ": " + before[key] + " was acknowledged, not " + count);
            }
        }
    }

    private void checkScan(Store follower) {
        long[] before = shown.clone();
        boolean[] seen = new boolean[ALL_KEYS];
        long cursor = 0;
        do {
            cursor = follower.scan(cursor, 10, (key, value) -> {
                int number = number(key);
                seen[number] = true;
                checkValue(number, value.toByteArray());
            });
        } while (cursor != 0);
        for (int key = 0; key < FollowedWriter.LASTING_KEYS; key++) {
            assertTrue(seen[key] || before[key] == 0, "the scan missed key " + key);
        }
    }

    private void checkSnapshot(Store follower) {
        try (Snapshot snapshot = follower.snapshot()) {
            long[] counts = new long[ALL_KEYS];
            snapshot.forEach((key, value) -> {
                int number = number(key);
                checkValue(number, value.toByteArray());
                counts[number] = shown[number];
            });
            for (int i = 1; i < FollowedWriter.BATCH_KEYS; i++) {
                assertEquals(counts[FollowedWriter.KEYS], counts[FollowedWriter.KEYS + i], "a batch was taken apart");
            }
            for (int key = 0; key < ALL_KEYS; key++) {
                byte[] value = snapshot.getBytes(FollowedWriter.key(key));
                assertEquals(counts[key], value == null ? 0 : FollowedWriter.count(value));
                assertTrue(value != null || key >= FollowedWriter.LASTING_KEYS || shown[key] == 0);
            }
        }
    }

    private static int number(byte[] key) {
        return Integer.parseInt(new String(key, StandardCharsets.UTF_8).substring("key".length()));
    }

    // --- the writer ---

    /** Starts a writer; the thread returned hears what it says, ends it or lets it end, and ends after it. */
    private Thread write(long seed, int changes, boolean kill) throws IOException {
        Process child = new ProcessBuilder(TestJvm.command(
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xshare:auto",
                        "-cp",
                        System.getProperty("java.class.path"),
                        FollowedWriter.class.getName(),
                        directory.toString(),
                        Long.toString(seed),
                        // The last change may have been made and not been acknowledged.
                        Long.toString(lastCount + 2),
                        Integer.toString(kill ? -1 : changes)))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        writing = true;
        Thread reader = new Thread(() -> hear(child, kill ? changes : Integer.MAX_VALUE));
        reader.start();
        return reader;
    }

    private void hear(Process child, int killAfter) {
        try (DataInputStream output = new DataInputStream(child.getInputStream())) {
            for (int heard = 1; ; heard++) {
                int key = output.readInt();
                long count = output.readLong();
                for (int i = 0; i < (key == FollowedWriter.KEYS ? FollowedWriter.BATCH_KEYS : 1); i++) {
                    acknowledged.set(key + i, count);
                }
                lastCount = count;
                if (heard == killAfter) {
                    // Not through the Process, which would close its end of the pipe with acknowledgements in it.
                    child.toHandle().destroyForcibly();
                }
            }
        } catch (EOFException ended) {
            // All is heard.
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } finally {
            child.destroyForcibly().onExit().join();
            writing = false;
        }
    }
}
