package dev.penstock.store.threat.kill;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.ProgressListener;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.TestJvm;
import dev.penstock.store.check.StoreVerifier;
import dev.penstock.store.check.VerifyReport;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that is killed while it writes, rolls, compacts, writes checkpoints and deletes large values has lost
 * nothing that it was told is stored. The number of kills is {@code -Dpenstock.kills}, the seed {@code
 * -Dpenstock.seed}.
 */
@Tag("slow")
class SigkillTest {

    private static final int KILLS = Integer.getInteger("penstock.kills", 8);
    private static final int MAX_ACKNOWLEDGED = 3_000;

    @TempDir
    Path temporary;

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void whatWasAcknowledgedBeforeTheKillIsThere() throws Exception {
        long seed = Long.getLong("penstock.seed", System.nanoTime());
        System.out.println("SigkillTest: -Dpenstock.seed=" + seed + " -Dpenstock.kills=" + KILLS);
        Random random = new Random(seed);
        for (int kill = 0; kill < KILLS; kill++) {
            Path directory = temporary.resolve("store" + kill);
            long childSeed = random.nextLong();
            int[] acknowledged = writeAndKill(directory, childSeed, 1 + random.nextInt(MAX_ACKNOWLEDGED));
            check(directory, childSeed, acknowledged, "kill " + kill + " of seed " + seed);
        }
    }

    /** Kills the child once so many operations are acknowledged; how many there were in the end, for each writer. */
    private static int[] writeAndKill(Path directory, long seed, int killAfter) throws Exception {
        Process child = new ProcessBuilder(TestJvm.command(
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xshare:auto",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledWriter.class.getName(),
                        directory.toString(),
                        Long.toString(seed)))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        int[] acknowledged = new int[KilledWriter.WRITERS];
        try (InputStream output = child.getInputStream()) {
            int total = 0;
            for (int writer = output.read(); writer >= 0; writer = output.read()) {
                acknowledged[writer]++;
                if (++total == killAfter) {
                    // Not through the Process, which would close its end of the pipe with acknowledgements in it.
                    child.toHandle().destroyForcibly();
                }
            }
        } finally {
            child.destroyForcibly().waitFor();
        }
        return acknowledged;
    }

    private static void check(Path directory, long seed, int[] acknowledged, String which) throws IOException {
        VerifyReport report = StoreVerifier.verify(directory, ProgressListener.NONE);
        assertTrue(report.isSound(), which + ": " + report.findings());
        StoreOptions options = StoreOptions.defaults().withVerifyOnRead(true);
        try (Store store = Store.open(directory, options)) {
            for (int writer = 0; writer < acknowledged.length; writer++) {
                checkWriter(store, seed, writer, acknowledged[writer], which);
            }
        }
    }

    /** All acknowledged operations have taken effect; the one after them may have. */
    private static void checkWriter(Store store, long seed, int writer, int acknowledged, String which) {
        Map<ByteBuffer, byte[]> model = new HashMap<>();
        for (int number = 0; number < acknowledged; number++) {
            KilledWriter.Operation.of(seed, writer, number).applyTo(model);
        }
        KilledWriter.Operation last = KilledWriter.Operation.of(seed, writer, acknowledged);
        model.putIfAbsent(ByteBuffer.wrap(last.key()), null);
        for (Map.Entry<ByteBuffer, byte[]> entry : model.entrySet()) {
            byte[] key = entry.getKey().array();
            byte[] found = store.getBytes(key);
            if (Arrays.equals(key, last.key()) && Arrays.equals(found, last.value())) {
                continue;
            }
            assertArrayEquals(
                    entry.getValue(),
                    found,
                    () -> which + ", writer " + writer + " with " + acknowledged + " acknowledged, key "
                            + new String(key, StandardCharsets.UTF_8));
        }
    }
}
