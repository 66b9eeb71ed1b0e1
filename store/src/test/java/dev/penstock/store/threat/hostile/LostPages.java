package dev.penstock.store.threat.hostile;

import static dev.penstock.store.StoreTest.bytes;

import dev.penstock.store.ConsistentRead;
import dev.penstock.store.Entry;
import dev.penstock.store.EntryWalk;
import dev.penstock.store.Expiries;
import dev.penstock.store.Key;
import dev.penstock.store.PageLostException;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.Snapshot;
import dev.penstock.store.Store;
import dev.penstock.store.StoreAccess;
import dev.penstock.store.StoreException;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.StoreTest;
import dev.penstock.store.ValueView;
import dev.penstock.store.ValueWriter;
import dev.penstock.store.WriteBatch;
import dev.penstock.store.WriteOptions;
import dev.penstock.store.transfer.Prefetch;
import dev.penstock.store.transfer.SplicePipe;
import dev.penstock.store.transfer.StoreTransfer;
import dev.penstock.store.transfer.ValueFrame;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The child process of {@link PageLossTest}: makes each public operation meet a page that is gone, after it was used
 * often enough to be compiled. Prints a line for each that does not end as it should.
 */
final class LostPages {

    private static final String FOLLOWER = "a follower's ";
    private static final StoreOptions OPTIONS =
            StoreOptions.defaults().withSegmentSize(1 << 20).withCompactionRate(0);
    private static final int KEYS = 200;
    private static final int LENGTH = 4_000;
    private static final int LARGE_LENGTH = 400_000;
    private static final int SPLICED = 16 << 10;
    /** Behind it lie the later keys of the first segment, and most of the large value. */
    private static final int CUT = 64 << 10;

    private static final byte[] LOST = bytes("lost150");
    private static final byte[] LOST_LARGE = bytes("large");
    private static final byte[] INTACT = bytes("intact");
    private static final byte[] INTACT_LARGE = bytes("intactLarge");

    private static boolean isCompiled;

    private LostPages() {}

    /** A store, and what an operation is to work on. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Scene(Store store, byte[] key, ValueView view, Path directory, int number) {}

    private interface Operation {
        void run(Scene scene) throws Exception;
    }

    /**
     * @param isLarge whether it works on a large value
     * @param times how often it is used before, to have it compiled
     * @param mustMeetIt whether it cannot help meeting the page that is gone
     */
    private record Entry(Operation operation, boolean isLarge, int times, boolean mustMeetIt) {}

    private static final Map<String, Entry> OPERATIONS = new LinkedHashMap<>();

    private static void add(String name, int times, boolean mustMeetIt, Operation operation) {
        OPERATIONS.put(name, new Entry(operation, false, times, mustMeetIt));
    }

    private static void both(String name, int times, Operation operation) {
        OPERATIONS.put(name, new Entry(operation, false, times, true));
        OPERATIONS.put(name + " of a large value", new Entry(operation, true, Math.min(times, 5), true));
    }

    static {
        both("getBytes", 150, scene -> scene.store.getBytes(scene.key));
        both("getByte", 150, scene -> sumOfBytes(scene.view));
        both("getLong", 150, scene -> sumOfLongs(scene.view));
        both("toByteArray", 150, scene -> scene.view.toByteArray());
        both("copyTo", 150, scene -> scene.view.copyTo(0, ByteBuffer.allocateDirect((int) scene.view.length())));
        both("copyFrameTo", 150, scene -> ValueFrame.copy(scene.view, 0, ByteBuffer.allocate(LARGE_LENGTH + 100)));
        both("writeTo", 150, scene -> scene.view.writeTo(sink()));
        both("frame.writeMapped", 150, scene -> ValueFrame.of(scene.view).writeMapped(sink(), 0, LARGE_LENGTH));
        both("frame.transferTo", 150, scene -> {
            ValueFrame frame = ValueFrame.of(scene.view);
            for (long sent = 0; sent < frame.length(); ) {
                sent += frame.transferTo(sink(), sent, frame.length() - sent);
            }
        });
        both("frame.read", 150, scene -> ValueFrame.of(scene.view).read(0, ByteBuffer.allocate(LARGE_LENGTH)));
        both("frame.splice", 20, scene -> {
            ValueFrame frame = ValueFrame.of(scene.view);
            for (long moved = 0; moved < frame.length(); ) {
                // Nobody empties it.
                try (SplicePipe pipe = SplicePipe.open()) {
                    moved += frame.splice(pipe, moved, SPLICED);
                }
            }
        });
        both("frame.readUncached", 20, scene -> {
            ValueFrame frame = ValueFrame.of(scene.view);
            ByteBuffer buffer = ByteBuffer.allocateDirect(SPLICED + 2 * ValueFrame.DIRECT_ALIGNMENT)
                    .alignedSlice(ValueFrame.DIRECT_ALIGNMENT);
            for (long read = 0; read < frame.length(); ) {
                long count = frame.readUncached(read, SPLICED, buffer);
                // Not every file system reads past the page cache.
                read += count == ValueFrame.UNSUPPORTED ? frame.read(read, buffer.clear()) : count;
            }
        });
        both("compare and set", 20, scene -> {
            byte[] same = new byte[(int) scene.view.length()];
            new Random(scene.number).nextBytes(same);
            scene.store.put(scene.key, same, WriteOptions.defaults().ifValue(same));
        });
        add("get into a view", 400, true, scene -> {
            try (ValueView view = new ValueView()) {
                scene.store.get(scene.key, view);
            }
        });
        add("copyFrame", 400, true, scene -> copyFrames(scene, ByteBuffer.allocate(LENGTH + 100)));
        add(
                "copyFrame to direct memory",
                400,
                true,
                scene -> copyFrames(scene, ByteBuffer.allocateDirect(LENGTH + 100)));
        add("locate", 400, true, scene -> {
            try (ValueView view = new ValueView()) {
                StoreTransfer.of(scene.store).locate(Key.of(scene.key), view);
                ValueFrame.verify(view);
            }
        });
        add("version and expiry", 150, false, scene -> {
            scene.view.version();
            scene.view.expiry();
            ValueFrame.of(scene.view).isResident(0, LENGTH);
        });
        add("consistentRead", 100, true, scene -> {
            ConsistentRead read = scene.store.consistentRead();
            read.add(INTACT);
            read.add(scene.key);
            read.run(() -> {
                scene.store.getBytes(INTACT);
                scene.store.getBytes(scene.key);
            });
        });
        add("getAll", 150, true, scene -> sumOfAll(scene));
        add("contains", 400, true, scene -> scene.store.contains(scene.key));
        add("expiryOf", 100, true, scene -> scene.store.expiryOf(scene.key));
        add("prefetch", 100, false, scene -> {
            Prefetch prefetch = StoreTransfer.of(scene.store).prefetch();
            prefetch.add(Key.of(scene.key));
            prefetch.add(Key.of(INTACT));
            prefetch.run();
        });
        add("scan", 3, true, scene -> {
            long cursor = 0;
            do {
                cursor = scene.store.scan(cursor, 10, (key, value) -> value.toByteArray());
            } while (cursor != 0);
        });
        add("scanKeys", 3, true, scene -> {
            long cursor = 0;
            do {
                cursor = StoreTransfer.of(scene.store).scanKeys(cursor, 10, key -> {});
            } while (cursor != 0);
        });
        add("entries", 3, true, scene -> {
            try (EntryWalk entries = scene.store.entries()) {
                entries.forEach(entry -> entry.value().toByteArray());
            }
        });
        add("randomKey", 3, false, scene -> {
            for (int i = 0; i < 100; i++) {
                scene.store.randomKey(new Random(i));
            }
        });
        add("forEach", 3, true, scene -> scene.store.forEach((key, value) -> value.toByteArray()));
        add("snapshot", 20, true, scene -> {
            try (Snapshot snapshot = scene.store.snapshot()) {
                snapshot.contains(scene.key);
                snapshot.getBytes(scene.key);
            }
        });
        add("put", 150, true, scene -> scene.store.put(scene.key, bytes("new")));
        add("put of a large value", 3, true, scene -> scene.store.put(scene.key, new byte[LARGE_LENGTH]));
        add(
                "put of what is lost",
                100,
                true,
                scene -> scene.store.put(Key.of(bytes("copy")), scene.view.segment(), WriteOptions.defaults()));
        add("putIfAbsent", 100, true, scene -> scene.store.putIfAbsent(scene.key, bytes("new")));
        add(
                "put ifVersion",
                100,
                true,
                scene -> scene.store.put(
                        scene.key, bytes("new"), WriteOptions.defaults().ifVersion(7)));
        add(
                "put keepExpiry",
                100,
                true,
                scene -> scene.store.put(
                        scene.key, bytes("new"), WriteOptions.defaults().keepExpiry()));
        add("merge", 100, true, scene -> scene.store.merge(scene.key, bytes("new"), (value, more) -> more));
        add("remove", 100, true, scene -> scene.store.remove(scene.key));
        add("compute", 100, true, scene -> scene.store.compute(scene.key, value -> bytes("new" + value.length)));
        add(
                "batch",
                100,
                true,
                scene -> scene.store.write(
                        new WriteBatch().put(bytes("beside"), bytes("value")).put(scene.key, bytes("new"))));
        add(
                "batch that expects",
                100,
                true,
                scene -> scene.store.write(
                        new WriteBatch().put(bytes("beside"), bytes("value")).expectVersion(scene.key, 7)));
        add("setExpiry", 100, true, scene -> scene.store.setExpiry(scene.key, Instant.MAX));
        add("clearExpiry", 100, true, scene -> scene.store.clearExpiry(scene.key));
        add("stream", 3, true, scene -> {
            try (ValueWriter writer = scene.store.putStream(scene.key)) {
                writer.write(ByteBuffer.allocate(LARGE_LENGTH));
                writer.commit();
            }
        });
        add("compact", 0, false, scene -> scene.store.compact(ProgressListener.NONE));
        add("sweepExpired", 1, false, scene -> StoreAccess.sweepExpired(scene.store));
        add("stats", 20, false, scene -> scene.store.stats());
        add("snapshot.entries", 3, true, scene -> {
            try (Snapshot snapshot = scene.store.snapshot();
                    EntryWalk entries = snapshot.entries()) {
                entries.forEach(entry -> entry.value().toByteArray());
            }
        });
        add("replaceAll", 0, false, scene -> scene.store.replaceAll(new WriteBatch().put(scene.key, bytes("new"))));
        add("clear", 0, false, scene -> scene.store.clear());
        add(
                "checkpoint",
                2,
                false,
                scene -> StoreAccess.owner(scene.store).checkpointer.write());
        add(
                "backup",
                0,
                false,
                scene -> scene.store.backup(
                        scene.directory.resolveSibling(scene.directory.getFileName() + "-backup"),
                        ProgressListener.NONE));
        for (String name : List.of(
                "getBytes",
                "copyFrame",
                "contains",
                "locate",
                "consistentRead",
                "getAll",
                "scan",
                "scanKeys",
                "entries",
                "snapshot")) {
            Entry entry = OPERATIONS.get(name);
            OPERATIONS.put(FOLLOWER + name, entry);
        }
        // A follower verifies what it reads. The record is there, and the end of its value is gone.
        largeOfFollower("getBytes", scene -> scene.store.getBytes(scene.key));
        largeOfFollower(
                "copyFrame",
                scene -> StoreTransfer.of(scene.store)
                        .copyFrame(Key.of(scene.key), ByteBuffer.allocate(LARGE_LENGTH + 100), LARGE_LENGTH + 100));
        largeOfFollower("locate", scene -> {
            try (ValueView view = new ValueView()) {
                StoreTransfer.of(scene.store).locate(Key.of(scene.key), view);
                assertStillDue(view);
            }
        });
        add(FOLLOWER + "refresh", 20, false, scene -> scene.store.refresh());
        both("read", 150, scene -> scene.view.read(LostPages::sumOfLongs));
    }

    private static void largeOfFollower(String name, Operation operation) {
        OPERATIONS.put(FOLLOWER + name + " of a large value", new Entry(operation, true, 5, true));
    }

    /** A verification that met the page is not done. */
    private static void assertStillDue(ValueView view) {
        try {
            ValueFrame.verify(view);
        } catch (PageLostException lost) {
            if (!ValueFrame.isVerificationDue(view)) {
                throw new AssertionError("the value counts as verified", lost);
            }
            throw lost;
        }
    }

    private static WritableByteChannel sink() {
        return Channels.newChannel(new ByteArrayOutputStream());
    }

    private static long sumOfBytes(ValueView view) {
        long sum = 0;
        for (long i = 0; i < view.length(); i++) {
            sum += view.getByte(i);
        }
        return sum;
    }

    private static long sumOfLongs(ValueView view) {
        long sum = 0;
        for (long i = 0; i < view.length() - Long.BYTES; i++) {
            sum += view.getLong(i, ByteOrder.LITTLE_ENDIAN);
        }
        return sum;
    }

    private static long sumOfLongs(MemorySegment value) {
        long sum = 0;
        for (long i = 0; i < value.byteSize() - Long.BYTES; i++) {
            sum += value.get(ValueLayout.JAVA_LONG_UNALIGNED, i);
        }
        return sum;
    }

    private static long sumOfAll(Scene scene) {
        long[] sum = new long[1];
        scene.store.getAll(List.of(INTACT, scene.key, INTACT), (_, value) -> sum[0] += value.getByte(1));
        return sum[0];
    }

    private static void copyFrames(Scene scene, ByteBuffer target) {
        for (int i = 0; i < 10; i++) {
            target.clear();
            StoreTransfer.of(scene.store).copyFrame(Key.of(scene.key), target, LENGTH + 100);
        }
    }

    public static void main(String[] arguments) throws Exception {
        Logger.getLogger("dev.penstock.store").setLevel(Level.OFF);
        Path place = Path.of(arguments[0]);
        isCompiled = Boolean.parseBoolean(arguments[1]);
        fill(place.resolve("template"));
        int number = 0;
        for (Map.Entry<String, Entry> entry : OPERATIONS.entrySet()) {
            boolean follows = entry.getKey().startsWith(FOLLOWER);
            String problem = play(place.resolve("store" + number++), entry.getValue(), follows, number);
            if (problem != null) {
                System.out.println(entry.getKey() + ": " + problem);
            }
        }
        System.out.println(OPERATIONS.size() + " operations");
    }

    /** What is wrong with an operation; null if nothing is. */
    private static String play(Path directory, Entry entry, boolean follows, int number) throws Exception {
        copy(directory.resolveSibling("template"), directory);
        try (Store owner = Store.open(directory, OPTIONS);
                Store store = follows
                        ? Store.open(directory, OPTIONS.withReadOnly(true).withVerifyOnRead(true))
                        : owner;
                ValueView intact = store.get(entry.isLarge ? INTACT_LARGE : INTACT);
                ValueView lost = store.get(entry.isLarge ? LOST_LARGE : LOST)) {
            byte[] intactKey = entry.isLarge ? INTACT_LARGE : INTACT;
            if (number / 2 % 2 == 0) {
                // Mapped before the file is cut, and otherwise after.
                lost.getByte(0);
            }
            for (int i = 0; i < entry.times && isCompiled; i++) {
                entry.operation.run(new Scene(store, intactKey, intact, directory, number));
            }
            String file = entry.isLarge ? largeName(directory) : "0000000001.log";
            // Not by a channel, which an interrupt closes: where the store releases memory that this thread reads, the
            // JDK sets the interrupt status of the thread.
            try (RandomAccessFile cut =
                    new RandomAccessFile(directory.resolve(file).toFile(), "rw")) {
                cut.setLength(CUT);
            }
            Scene scene = new Scene(store, entry.isLarge ? LOST_LARGE : LOST, lost, directory, number);
            for (int i = 0; i < 2; i++) {
                String problem = problem(entry, scene, file);
                if (problem != null) {
                    return problem;
                }
            }
            // The store continues.
            owner.put(bytes("after"), bytes("value"));
            owner.sync();
            return owner.contains(bytes("after")) ? null : "what was written afterwards is not there";
        } catch (StoreException e) {
            return "the store does not go on: " + e;
        }
    }

    private static String problem(Entry entry, Scene scene, String file) {
        try {
            entry.operation.run(scene);
            return entry.mustMeetIt ? "it returned" : null;
        } catch (PageLostException e) {
            return e.file().equals(file) && e.offset() > 0 ? null : "it does not say where: " + e;
        } catch (StoreException e) {
            return entry.mustMeetIt ? "it throws " + e : null;
        } catch (Throwable e) {
            return "it throws " + e;
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectory(to);
        try (var files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    private static void fill(Path directory) {
        try (Store store = Store.open(directory, OPTIONS)) {
            for (int i = 0; i < KEYS; i++) {
                store.put(
                        bytes("lost" + i),
                        StoreTest.random(LENGTH, i),
                        Expiries.expiring(i % 3 == 1 ? 1_000 : Expiries.NO_EXPIRY));
            }
            store.put(LOST_LARGE, StoreTest.random(LARGE_LENGTH, 1));
            store.put(INTACT_LARGE, StoreTest.random(LARGE_LENGTH, 2));
            for (int i = 0; i < KEYS * 2; i++) {
                store.put(bytes("later" + i), StoreTest.random(LENGTH, i));
            }
            store.put(INTACT, StoreTest.random(LENGTH, 3));
        }
    }

    private static String largeName(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".value"))
                    .sorted()
                    .findFirst()
                    .orElseThrow();
        }
    }
}
