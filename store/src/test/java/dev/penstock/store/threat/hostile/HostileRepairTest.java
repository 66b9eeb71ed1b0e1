package dev.penstock.store.threat.hostile;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.MemoryBackedDirectory;
import dev.penstock.store.Store;
import dev.penstock.store.StoreException;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.repair.RepairListener;
import dev.penstock.store.repair.StoreRepair;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The bit flips and truncations of {@link HostileFilesTest}, repaired. Whatever the damage, repair refuses by a typed
 * exception or makes a store in which each pair was stored once; a pair that was replaced or removed is named as
 * doubtful, and a strict repair leaves it out. The damaged files stay as they are.
 */
@Tag("slow")
class HostileRepairTest {

    private static final StoreOptions VERIFYING =
            StoreOptions.defaults().withSegmentSize(1 << 20).withVerifyOnRead(true);

    private static final int STEP = Integer.getInteger("penstock.repairStep", 1024);
    /** The rest of the large value's file is like its beginning. */
    private static final int MOST_DAMAGED_BYTES = 4096;

    @TempDir(factory = MemoryBackedDirectory.class)
    Path temporary;

    private final Map<String, byte[]> current = new TreeMap<>();
    /** What was stored at one time, by key. */
    private final Map<String, List<byte[]>> history = new HashMap<>();

    private final Map<String, byte[]> files = new TreeMap<>();
    private Path victim;
    private int salvagedPairs;

    @BeforeEach
    void makeSmallStore() throws IOException {
        Path original = temporary.resolve("original");
        victim = Files.createDirectory(temporary.resolve("victim"));
        try (Store store = Store.open(original, VERIFYING)) {
            put(store, "alpha", bytes("first"));
            put(store, "", bytes("of the empty key"));
            put(store, "alpha", bytes("second"));
            put(store, "gone", bytes("x"));
            store.sync();
            store.remove(bytes("gone"));
            current.remove("gone");
            put(store, "beta", random(40, 1));
            put(store, "large", random(300_000, 2));
        }
        files.putAll(contents(original));
    }

    private void put(Store store, String key, byte[] value) {
        store.put(bytes(key), value);
        current.put(key, value);
        history.merge(
                key,
                List.of(value),
                (old, added) -> Stream.concat(old.stream(), added.stream()).toList());
    }

    /** One bit in {@code -Dpenstock.repairStep}, from a bit of each file that the seed chooses. */
    @Test
    void aSingleBitFlipIsRepairedHonestly() throws IOException {
        Random random = seeded();
        for (String name : files.keySet()) {
            int bits = Math.min(files.get(name).length, MOST_DAMAGED_BYTES) * 8;
            int step = Math.min(STEP, bits);
            for (int bit = random.nextInt(step); bit < bits; bit += step) {
                byte[] flipped = files.get(name).clone();
                flipped[bit / 8] ^= (byte) (1 << bit % 8);
                checkRepair(name, flipped, "bit " + bit + " of " + name);
            }
        }
        assertTrue(salvagedPairs > 100, salvagedPairs + " pairs were salvaged");
    }

    @Test
    void aFileCutShortIsRepairedHonestly() throws IOException {
        Random random = seeded();
        for (String name : files.keySet()) {
            int most = Math.min(files.get(name).length, MOST_DAMAGED_BYTES);
            int step = Math.clamp(STEP / 4, 1, most);
            for (int length = random.nextInt(step); length < most; length += step) {
                checkRepair(name, Arrays.copyOf(files.get(name), length), name + " cut to " + length);
            }
        }
        assertTrue(salvagedPairs > 100, salvagedPairs + " pairs were salvaged");
    }

    private static Random seeded() {
        long seed = Long.getLong("penstock.seed", System.nanoTime());
        System.out.println("HostileRepairTest: -Dpenstock.seed=" + seed + " -Dpenstock.repairStep=" + STEP);
        return new Random(seed);
    }

    private void checkRepair(String changed, byte[] content, String damage) throws IOException {
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Files.write(victim.resolve(file.getKey()), file.getKey().equals(changed) ? content : file.getValue());
        }
        Map<String, byte[]> before = contents(victim);
        for (boolean strict : new boolean[] {false, true}) {
            checkRepair(strict, damage + (strict ? ", strict" : ""));
            Map<String, byte[]> after = contents(victim);
            assertEquals(before.keySet(), after.keySet(), damage);
            before.forEach((name, bytes) -> assertArrayEquals(bytes, after.get(name), damage + ": " + name));
        }
    }

    private void checkRepair(boolean strict, String damage) throws IOException {
        Path repaired = temporary.resolve("repaired");
        Set<String> doubtful = new HashSet<>();
        try {
            StoreRepair.repair(victim, repaired, strict, new RepairListener() {
                @Override
                public void progress(long doneBytes, long totalBytes) {}

                @Override
                public void doubtful(byte[] key, String file, long offset) {
                    doubtful.add(new String(key, StandardCharsets.UTF_8));
                }
            });
        } catch (StoreException named) {
            assertFalse(String.valueOf(named.getMessage()).isBlank(), damage);
            assertFalse(Files.exists(repaired) && !contents(repaired).isEmpty(), damage + ": something was left");
            return;
        }
        try (Store store = Store.open(repaired, VERIFYING)) {
            store.forEach((keyBytes, view) -> {
                String key = new String(keyBytes, StandardCharsets.UTF_8);
                byte[] value = store.getBytes(keyBytes);
                assertTrue(
                        history.getOrDefault(key, List.of()).stream().anyMatch(old -> Arrays.equals(old, value)),
                        () -> damage + ": " + key + " was never stored");
                boolean isCurrent = Arrays.equals(current.get(key), value);
                assertTrue(isCurrent || !strict && doubtful.contains(key), () -> damage + ": " + key + " is outdated");
                salvagedPairs++;
            });
        }
        delete(repaired);
    }

    private static Map<String, byte[]> contents(Path directory) throws IOException {
        Map<String, byte[]> contents = new TreeMap<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                contents.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        return contents;
    }

    private static void delete(Path directory) throws IOException {
        for (String name : contents(directory).keySet()) {
            Files.delete(directory.resolve(name));
        }
        Files.delete(directory);
    }
}
