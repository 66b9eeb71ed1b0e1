package dev.penstock.store.internal.engine;

import static dev.penstock.store.StoreTest.bytes;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.ProgressListener;
import dev.penstock.store.Snapshot;
import dev.penstock.store.Store;
import dev.penstock.store.TestJvm;
import dev.penstock.store.ValueView;
import dev.penstock.store.ValueWriter;
import dev.penstock.store.WriteBatch;
import dev.penstock.store.WriteOptions;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No class of the store is initialized by the first read or write: on a thread without stack it would be lost. */
class LoadedClassesTest {

    /** Classes whose lambdas the agents link, beside the thread that opens the store. */
    private static final List<String> IN_THE_BACKGROUND = List.of(
            "internal.compaction.", "internal.segment.SegmentFactory$$", "internal.reclaim.", "internal.checkpoint.");

    private static final String BEGUN = "main has begun";
    private static final String OPENED = "the store is open";
    private static final String USED = "the store was used";

    @TempDir
    Path directory;

    @Test
    void openingAStoreInitializesEveryClassThatHasInitialValues() throws Exception {
        List<String> lines = run("-Xlog:class+init=info:stdout", Use.class);
        int opened = lines.indexOf(OPENED);
        int used = lines.indexOf(USED);
        assertTrue(opened > 0 && used > opened, () -> String.join("\n", lines));
        List<String> late = lines.subList(opened, used).stream()
                .filter(line -> line.contains("Initializing 'dev/penstock/store/") && !line.contains("(no method)"))
                .toList();
        assertEquals(List.of(), late);
        assertTrue(
                lines.subList(0, opened).stream().anyMatch(line -> line.contains("Initializing 'dev/penstock/store/")),
                "the JVM lists what it initializes");
    }

    /** In a new JVM, linking a lambda takes as long as loading seven classes. */
    @Test
    void openingAStoreAndReadingAKeyLinkNoLambdas() throws Exception {
        try (Store store = Store.open(directory)) {
            store.put(bytes("key"), new byte[1]);
        }
        List<String> lines = run("-Xlog:class+load=info:stdout", Get.class);
        int begun = lines.indexOf(BEGUN);
        int used = lines.indexOf(USED);
        assertTrue(begun > 0 && used > begun, () -> String.join("\n", lines));
        List<String> lambdas = lines.subList(begun, used).stream()
                .filter(line -> line.contains("dev.penstock.") && line.contains("$$Lambda"))
                .filter(line -> IN_THE_BACKGROUND.stream().noneMatch(line::contains))
                .toList();
        assertEquals(List.of(), lambdas);
    }

    private List<String> run(String logging, Class<?> main) throws Exception {
        Process child = new ProcessBuilder(TestJvm.command(
                        logging, "-cp", System.getProperty("java.class.path"), main.getName(), directory.toString()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<String> lines =
                new String(child.getInputStream().readAllBytes(), UTF_8).lines().toList();
        assertEquals(0, child.waitFor());
        return lines;
    }

    /** A program that reads a key of a store that is there. */
    static final class Get {

        public static void main(String[] arguments) {
            System.out.println(BEGUN);
            try (Store store = Store.open(Path.of(arguments[0]))) {
                store.contains(bytes("key"));
                System.out.println(USED);
            }
        }
    }

    /** A program that does a bit of everything. */
    static final class Use {

        public static void main(String[] arguments) throws IOException {
            byte[] key = bytes("key");
            byte[] large = bytes("large");
            try (Store store = Store.open(Path.of(arguments[0], "store"))) {
                System.out.println(OPENED);
                store.put(key, new byte[10]);
                store.put(large, new byte[4 << 20]);
                store.contains(key);
                for (byte[] each : List.of(key, large)) {
                    try (ValueView view = store.get(each)) {
                        view.toByteArray();
                        view.verify();
                        view.writeTo(Channels.newChannel(OutputStream.nullOutputStream()));
                    }
                }
                store.put(key, new byte[5], WriteOptions.defaults().expiresIn(Duration.ofHours(1)));
                store.getBytes(key);
                store.clearExpiry(key);
                store.compute(key, value -> new byte[2]);
                store.write(new WriteBatch().put(key, new byte[3]).remove(large));
                store.remove(key);
                for (ValueWriter writer : List.of(store.putStream(key, 1), store.putStream(key))) {
                    writer.write(ByteBuffer.allocate(1));
                    writer.commit();
                    writer.close();
                }
                try (Snapshot snapshot = store.snapshot()) {
                    snapshot.getBytes(key);
                    snapshot.forEach((each, value) -> {});
                }
                store.randomKey(new Random(1));
                store.stats();
                store.sync();
                store.clear();
                store.compact(ProgressListener.NONE);
                store.backup(Path.of(arguments[0], "backup"), ProgressListener.NONE);
                System.out.println(USED);
            }
        }
    }
}
