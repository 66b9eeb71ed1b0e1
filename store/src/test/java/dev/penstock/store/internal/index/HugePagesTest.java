package dev.penstock.store.internal.index;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.penstock.store.Durability;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.WriteOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A log that is seldom forced lies in huge pages; one that is forced often does not rewrite two megabytes each time.
 */
class HugePagesTest {

    private static final long SEGMENT_SIZE = 16L << 20;
    private static final byte[] VALUE = new byte[100_000];

    @TempDir
    Path directory;

    @Test
    void aLogThatIsSeldomForcedLiesInHugePages() throws IOException {
        assumeTrue(Files.isReadable(Path.of("/proc/self/smaps")), "no /proc");
        assumeTrue(Files.getFileStore(directory).type().equals("ext4"), "ask of ext4 alone, which has large folios");
        assumeTrue(
                !Files.readString(Path.of("/sys/kernel/mm/transparent_hugepage/enabled"))
                        .contains("[never]"),
                "the system gives no huge pages");
        try (Store store = Store.open(directory, StoreOptions.defaults().withSegmentSize(SEGMENT_SIZE))) {
            for (int i = 0; i < 500; i++) {
                store.put(("key" + i).getBytes(UTF_8), VALUE);
            }
            assumeTrue(hugeKilobytes() > 0, "this kernel maps no files by huge pages, or has none left");
            assertTrue(hugeKilobytes() >= 8 * 1024, hugeKilobytes() + " KiB");
        }
    }

    @Test
    void aSegmentOfHugePagesEndsWhenItIsForcedOften() {
        try (Store store = Store.open(directory, StoreOptions.defaults().withSegmentSize(SEGMENT_SIZE))) {
            int count = 0;
            while (segments(store) < 2) {
                store.put(("key" + count++).getBytes(UTF_8), VALUE);
            }
            // Far enough for the next one to be prepared; from then on nearly nothing is written, but forced.
            for (int i = 0; i < 40; i++) {
                store.put(("key" + count++).getBytes(UTF_8), VALUE);
            }
            for (int i = 0; i < 1_000 && segments(store) < 3; i++) {
                store.put(
                        new byte[] {1}, new byte[] {2}, WriteOptions.defaults().durability(Durability.ALWAYS));
            }
            assertEquals(3, segments(store));
            for (int i = 0; i < 100; i++) {
                store.put(
                        new byte[] {1}, new byte[] {2}, WriteOptions.defaults().durability(Durability.ALWAYS));
            }
            assertEquals(3, segments(store), "the next has small pages, and stays");
        }
    }

    private static int segments(Store store) {
        return store.stats().segments().size();
    }

    private long hugeKilobytes() throws IOException {
        long sum = 0;
        boolean ours = false;
        for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
            if (line.matches("^[0-9a-f]+-[0-9a-f]+ .*")) {
                ours = line.contains(directory.toString());
            } else if (ours && line.startsWith("FilePmdMapped:")) {
                sum += Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        return sum;
    }
}
