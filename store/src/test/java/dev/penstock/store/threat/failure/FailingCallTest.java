package dev.penstock.store.threat.failure;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.ManualThreads;
import dev.penstock.store.MemoryBackedDirectory;
import dev.penstock.store.Store;
import dev.penstock.store.StoreAccess;
import dev.penstock.store.StoreException;
import dev.penstock.store.StoreFullException;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.ValueWriter;
import dev.penstock.store.WatchedDisk;
import dev.penstock.store.internal.format.Identity;
import dev.penstock.store.internal.io.DiskFullException;
import dev.penstock.store.internal.recovery.StoreCreation;
import dev.penstock.store.simulation.PowerCut;
import dev.penstock.store.simulation.SimulatedDisk;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Each call that changes the disk fails once, in a history that does everything. Whoever made it gets an exception of
 * the store's own; nothing acknowledged is lost, neither to the next process nor, if it was forced, to a power cut; and
 * the directory opens again.
 */
@Tag("slow")
@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
public class FailingCallTest {

    /** How a call fails. */
    enum Failing {
        IO_ERROR,
        DISK_FULL,
        /** From this call on there is no space for anything. */
        DISK_STAYS_FULL,
        SHORT_WRITE
    }

    private static final int SEGMENT_SHIFT = 17;

    private final Logger logger = Logger.getLogger("dev.penstock.store");

    @TempDir(factory = MemoryBackedDirectory.class)
    Path directory;

    private SimulatedDisk disk;
    private Failing failing;
    private int callsToFailure;
    private boolean isFull;
    private ManualThreads threads;
    private Store store;
    /** What each key has; of one that was being written when a call failed, what it may have besides. */
    private final Map<String, byte[]> acknowledged = new HashMap<>();

    private final Map<String, byte[]> attempted = new HashMap<>();
    private final Map<String, byte[]> durable = new HashMap<>();

    @BeforeEach
    void silence() {
        logger.setLevel(Level.OFF);
    }

    @AfterEach
    void speak() {
        logger.setLevel(null);
    }

    @ParameterizedTest
    @EnumSource
    void aCallThatFailsLosesNothing(Failing how) throws Exception {
        failing = how;
        int sites = 0;
        for (int call = 1; ; call++) {
            try (Arena arena = Arena.ofConfined()) {
                disk = new SimulatedDisk(arena, directory);
                acknowledged.clear();
                attempted.clear();
                durable.clear();
                store = null;
                callsToFailure = call;
                liveOneLife();
                boolean failed = callsToFailure <= 0;
                callsToFailure = 0;
                isFull = false;
                check("after failing call " + call, arena);
                if (!failed) {
                    break;
                }
                sites++;
            }
        }
        assertTrue(sites > (how == Failing.IO_ERROR ? 60 : 8), sites + " calls were failed");
    }

    private void liveOneLife() {
        attempt(this::open);
        if (store == null) {
            attempt(this::open);
        }
        if (store == null) {
            // There was no space to make one, and there is none yet.
            assertTrue(isFull);
            return;
        }
        for (int i = 0; i < 8; i++) {
            put("key" + i % 5, random(20_000 + i, i));
        }
        put("large", random(50_000, 100));
        sync();
        attempt(() -> threads.work());
        put("large", random(60_000, 101));
        put("key1", bytes("short"));
        stream("written", random(600_000, 102), Store::putStream, FailingCallTest::write);
        stream("read", random(600_000, 103), Store::putStream, FailingCallTest::read);
        stream("sized", random(600_000, 104), (target, key) -> target.putStream(key, 600_000), FailingCallTest::write);
        attempt(() -> {
            removeThoughTheDiskIsFull("key2");
            acknowledged.remove("key2");
            attempted.remove("key2");
        });
        attempt(() -> store.compact(this::unmapRetired));
        attempt(() -> threads.work());
        for (int i = 0; i < 8; i++) {
            put("key" + i, random(10_000 + i, 50 + i));
        }
        attempt(() -> store.compact(this::unmapRetired));
        attempt(() -> store.close());
        attempt(this::open);
        put("last", bytes("one"));
        sync();
        attempt(() -> store.close());
    }

    private interface Action {
        void run() throws Exception;
    }

    /** Nothing but the store's own exceptions comes out. */
    private static void attempt(Action action) {
        try {
            action.run();
        } catch (StoreException | IOException typed) {
            // As it should be.
        } catch (Exception other) {
            throw new AssertionError(other);
        }
    }

    private void put(String key, byte[] value) {
        attempted.put(key, value);
        attempt(() -> {
            store.put(bytes(key), value);
            acknowledged.put(key, value);
        });
    }

    private interface Beginning {
        ValueWriter of(Store store, byte[] key);
    }

    private interface Part {
        void send(ValueWriter writer, ByteBuffer bytes) throws IOException;
    }

    /** A client that takes no notice of an error but to send the same bytes again. */
    private void stream(String key, byte[] value, Beginning beginning, Part part) {
        attempted.put(key, value);
        attempt(() -> {
            try (ValueWriter writer = beginning.of(store, bytes(key))) {
                ByteBuffer bytes = ByteBuffer.wrap(value);
                while (bytes.hasRemaining()) {
                    ByteBuffer piece = bytes.slice(bytes.position(), Math.min(70_000, bytes.remaining()));
                    if (!hasTaken(part, writer, piece)) {
                        hasTaken(part, writer, piece);
                    }
                    bytes.position(bytes.position() + piece.capacity());
                }
                writer.commit();
                acknowledged.put(key, value);
            }
        });
        if (store != null && acknowledged.containsKey(key)) {
            compare(key, value, "right after its commit");
        }
    }

    private static boolean hasTaken(Part part, ValueWriter writer, ByteBuffer piece) {
        try {
            part.send(writer, piece);
            return true;
        } catch (StoreException refused) {
            return false;
        } catch (IOException other) {
            throw new AssertionError("an error of the store's own files", other);
        }
    }

    private static void write(ValueWriter writer, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            writer.write(bytes);
        }
    }

    private static void read(ValueWriter writer, ByteBuffer bytes) throws IOException {
        InputStream in = new ByteArrayInputStream(bytes.array(), bytes.arrayOffset(), bytes.capacity());
        in.skipNBytes(bytes.position());
        ReadableByteChannel source = Channels.newChannel(in);
        while (bytes.hasRemaining()) {
            bytes.position(bytes.position() + writer.readFrom(source, bytes.remaining()));
        }
    }

    /** Compaction waits for that where there is no space. */
    private void unmapRetired(long done, long total) {
        for (int turn = 0; turn < 3; turn++) {
            attempt(() -> threads.work());
        }
    }

    private void removeThoughTheDiskIsFull(String key) {
        try {
            store.remove(bytes(key));
        } catch (StoreFullException refused) {
            throw new AssertionError("there is no reserve", refused);
        }
    }

    private void sync() {
        Map<String, byte[]> before = new HashMap<>(acknowledged);
        attempt(() -> {
            store.sync();
            durable.putAll(before);
        });
    }

    private void open() throws IOException {
        WatchedDisk watched = new WatchedDisk(disk, (call, path) -> fail(call));
        StoreCreation creation = new StoreCreation(watched.openDirectory(directory));
        if (!creation.exists()) {
            creation.create(new Identity(new UUID(5, 6), SEGMENT_SHIFT));
        }
        threads = new ManualThreads();
        store = StoreAccess.open(watched, directory, StoreOptions.defaults().withVerifyOnRead(true), threads);
    }

    private void fail(WatchedDisk.Call call) throws IOException {
        disk.capture();
        boolean applies = switch (failing) {
            case IO_ERROR -> true;
            case DISK_FULL, DISK_STAYS_FULL ->
                call == WatchedDisk.Call.ALLOCATE || call == WatchedDisk.Call.CREATE || call == WatchedDisk.Call.WRITE;
            case SHORT_WRITE -> call == WatchedDisk.Call.WRITE;
        };
        if (applies && (--callsToFailure == 0 || isFull)) {
            switch (failing) {
                case IO_ERROR -> throw new IOException("Input/output error");
                case DISK_STAYS_FULL -> {
                    isFull = true;
                    throw new DiskFullException("no room");
                }
                case DISK_FULL -> throw new DiskFullException("no room");
                case SHORT_WRITE -> disk.cutNextWrite();
            }
        }
    }

    private void check(String when, Arena arena) throws IOException {
        if (store != null) {
            attempt(() -> store.close());
        }
        disk.capture();
        PowerCut cut = new PowerCut(disk, new Random(1));
        SimulatedDisk afterCut = cut.state(1, 2).toDisk(arena);
        cut.restore();
        open();
        for (Map.Entry<String, byte[]> entry : acknowledged.entrySet()) {
            compare(entry.getKey(), entry.getValue(), when);
        }
        store.put(bytes("again"), bytes("written"));
        store.close();
        disk = afterCut;
        open();
        for (String key : durable.keySet()) {
            // What was written since may have reached the device or not.
            if (Arrays.equals(attempted.get(key), durable.get(key))) {
                compare(key, durable.get(key), when + " and a power cut");
            }
        }
        store.close();
    }

    private void compare(String key, byte[] expected, String when) {
        byte[] found = store.getBytes(bytes(key));
        if (!Arrays.equals(found, attempted.get(key))) {
            assertArrayEquals(expected, found, key + " " + when);
        }
    }
}
