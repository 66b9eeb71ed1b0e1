package dev.penstock.store.repair;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.Durability;
import dev.penstock.store.MemoryBackedDirectory;
import dev.penstock.store.NotAStoreException;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.WriteBatch;
import dev.penstock.store.WriteOptions;
import dev.penstock.store.internal.format.FileNames;
import dev.penstock.store.internal.format.Identity;
import dev.penstock.store.internal.format.RecordHeader;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.io.DiskDirectory;
import dev.penstock.store.internal.io.SystemDisk;
import dev.penstock.store.internal.recovery.StoreCreation;
import dev.penstock.store.internal.segment.RecordScanner;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A store is damaged at random and repaired. Whatever the damage: every pair in the new store was stored once, every
 * current value that is whole is there, and a strict repair holds nothing that was replaced or removed.
 */
@Tag("slow")
class SalvageTest {

    private static final StoreOptions OPTIONS = StoreOptions.defaults()
            .withSegmentSize(1 << 20)
            .withDurability(Durability.NONE)
            .withCompactionRate(0);

    private static final int KEY_COUNT = 60;

    @TempDir(factory = MemoryBackedDirectory.class)
    Path temporary;

    private final Map<String, byte[]> model = new TreeMap<>();
    /** Everything that was stored once, by key. */
    private final Map<String, List<byte[]>> history = new HashMap<>();

    private final Map<String, Instant> expiries = new HashMap<>();

    /** Where the current value of a key is. */
    private record Place(String file, long offset, long length) {}

    @Test
    void whatIsSoundIsSalvagedAndNothingIsInvented() throws IOException {
        long seed = Long.getLong("penstock.seed", System.nanoTime());
        int rounds = Integer.getInteger("penstock.salvages", 15);
        System.out.println("SalvageTest: -Dpenstock.seed=" + seed + " -Dpenstock.salvages=" + rounds);
        Random random = new Random(seed);
        int complete = 0;
        int strictPairs = 0;
        for (int round = 0; round < rounds; round++) {
            Path original = temporary.resolve("original" + round);
            fill(original, random);
            Map<String, List<Place>> places = places(original);
            assertEquals(model.keySet(), places.keySet());
            Path damaged = Files.createDirectory(temporary.resolve("damaged" + round));
            copy(original, damaged);
            String damage = damage(damaged, random);
            Map<String, byte[]> before = contents(damaged);
            Path repaired = temporary.resolve("repaired" + round);
            String what = "round " + round + ": " + damage;
            List<String> losses = new ArrayList<>();
            if (before.keySet().stream().noneMatch(name -> name.matches("STORE|.*\\.(log|value)"))) {
                assertThrows(NotAStoreException.class, () -> repair(damaged, repaired, false, losses), what);
                continue;
            }
            RepairReport report = repair(damaged, repaired, false, losses);
            check(places, original, damaged, repaired, what + " " + losses);
            complete += report.isComplete() ? 1 : 0;
            Path strict = temporary.resolve("strict" + round);
            repair(damaged, strict, true, new ArrayList<>());
            strictPairs += checkStrict(strict, what + " " + losses);
            assertSame(before, contents(damaged), what);
            for (Path done : List.of(original, damaged, repaired, strict)) {
                delete(done);
            }
        }
        System.out.println("SalvageTest: " + complete + " complete, " + strictPairs + " pairs by strict repairs");
        assertTrue(complete < rounds, "the damage mattered");
        assertTrue(strictPairs > 0, "strict repairs salvaged something");
    }

    private static RepairReport repair(Path damaged, Path target, boolean strict, List<String> losses) {
        return StoreRepair.repair(damaged, target, strict, new RepairListener() {
            @Override
            public void progress(long doneBytes, long totalBytes) {
                assertTrue(doneBytes <= totalBytes);
            }

            @Override
            public void lost(Loss loss) {
                assertNotNull(loss.problem());
                losses.add(loss.toString());
            }
        });
    }

    // --- the store ---

    private void fill(Path directory, Random random) {
        model.clear();
        history.clear();
        expiries.clear();
        int lives = 1 + random.nextInt(3);
        for (int life = 0; life < lives; life++) {
            try (Store store = Store.open(directory, OPTIONS)) {
                int steps = random.nextInt(200);
                for (int step = 0; step < steps; step++) {
                    step(store, random);
                }
            }
        }
        if (model.isEmpty()) {
            try (Store store = Store.open(directory, OPTIONS)) {
                put(store, "last", bytes("one"), null);
            }
        }
    }

    private void step(Store store, Random random) {
        String key = "key" + random.nextInt(KEY_COUNT);
        switch (random.nextInt(40)) {
            case 0, 1, 2, 3 -> {
                store.remove(bytes(key));
                model.remove(key);
            }
            case 4 -> put(store, key, random(300_000 + random.nextInt(1000), random.nextLong()), null);
            case 5 -> {
                WriteBatch batch = new WriteBatch();
                for (int i = 0; i < 5; i++) {
                    String each = "key" + random.nextInt(KEY_COUNT);
                    byte[] value = random(random.nextInt(100), random.nextLong());
                    batch.put(bytes(each), value);
                    note(each, value, null);
                }
                store.write(batch);
            }
            case 6 -> store.sync();
            case 7 -> {
                if (random.nextInt(5) == 0) {
                    store.compact(ProgressListener.NONE);
                }
            }
            case 8 -> {
                if (random.nextInt(20) == 0) {
                    store.clear();
                    model.clear();
                }
            }
            case 9 ->
                put(store, key, bytes("short-lived"), Instant.ofEpochMilli(4_000_000_000_000L + random.nextInt()));
            case 10, 11, 12 -> put(store, key, random(40_000 + random.nextInt(60_000), random.nextLong()), null);
            default -> put(store, key, random(random.nextInt(3_000), random.nextLong()), null);
        }
    }

    private void put(Store store, String key, byte[] value, Instant expiry) {
        WriteOptions options = WriteOptions.defaults();
        store.put(bytes(key), value, expiry == null ? options : options.expiresAt(expiry));
        note(key, value, expiry);
    }

    private void note(String key, byte[] value, Instant expiry) {
        model.put(key, value);
        history.computeIfAbsent(key, none -> new ArrayList<>()).add(value);
        if (expiry == null) {
            expiries.remove(key);
        } else {
            expiries.put(key, expiry);
        }
    }

    /** Where the current value of each key is, found by reading the log as format.md describes it. */
    private static Map<String, List<Place>> places(Path directory) throws IOException {
        Map<String, List<Place>> places = new HashMap<>();
        Set<Long> retired = new HashSet<>();
        Identity identity;
        try (DiskDirectory place = new SystemDisk().openDirectory(directory)) {
            identity = new StoreCreation(place).read();
        }
        for (int pass = 0; pass < 2; pass++) {
            places.clear();
            for (String name : contents(directory).keySet()) {
                long number =
                        FileNames.segmentNumber(name, FileNames.LOG_SUFFIX).orElse(0);
                if (number > 0 && !retired.contains(number)) {
                    readSegment(directory, name, number, identity, places, retired);
                }
            }
        }
        return places;
    }

    private static void readSegment(
            Path directory,
            String name,
            long number,
            Identity identity,
            Map<String, List<Place>> places,
            Set<Long> retired)
            throws IOException {
        try (Arena arena = Arena.ofConfined();
                FileChannel channel = FileChannel.open(directory.resolve(name), StandardOpenOption.READ)) {
            MemorySegment memory = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            RecordScanner records = new RecordScanner(
                    memory,
                    number << identity.segmentShift(),
                    identity.salt(),
                    SegmentHeader.LENGTH,
                    memory.byteSize());
            while (records.next()) {
                RecordHeader header = records.header();
                String key =
                        new String(header.bytes(), RecordLayout.KEY_OFFSET, header.keyLength(), StandardCharsets.UTF_8);
                Place place = new Place(name, records.offset(), records.length());
                switch (header.kind()) {
                    case RecordLayout.VALUE -> places.put(key, List.of(place));
                    case RecordLayout.REFERENCE ->
                        places.put(
                                key,
                                List.of(
                                        place,
                                        new Place(
                                                FileNames.largeValue(header.referencedSegment()), 0, Long.MAX_VALUE)));
                    case RecordLayout.TOMBSTONE -> places.remove(key);
                    case RecordLayout.CLEAR -> places.clear();
                    case RecordLayout.RETIRED -> retired.add(header.valueLength());
                    default -> {
                        // Not about keys.
                    }
                }
            }
        }
    }

    // --- the damage ---

    private static String damage(Path directory, Random random) throws IOException {
        StringBuilder what = new StringBuilder();
        for (int count = 1 + random.nextInt(3); count > 0; count--) {
            List<String> names = new ArrayList<>(contents(directory).keySet());
            String name = names.get(random.nextInt(names.size()));
            Path file = directory.resolve(name);
            byte[] content = Files.readAllBytes(file);
            int at = content.length == 0 ? 0 : random.nextInt(content.length);
            int kind = random.nextInt(8);
            what.append(name)
                    .append(' ')
                    .append(List.of("deleted", "cut", "zeroed", "garbage", "flipped")
                            .get(Math.min(kind, 4)))
                    .append(" at ")
                    .append(at)
                    .append(", ");
            switch (kind) {
                case 0 -> Files.delete(file);
                case 1 -> Files.write(file, Arrays.copyOf(content, at));
                case 2 -> {
                    int end = Math.min(content.length, at + 1 + random.nextInt(20_000));
                    Arrays.fill(content, at, end, (byte) 0);
                    Files.write(file, content);
                }
                case 3 -> {
                    byte[] garbage = random(Math.min(content.length - at, 1 + random.nextInt(20_000)), at);
                    System.arraycopy(garbage, 0, content, at, garbage.length);
                    Files.write(file, content);
                }
                default -> {
                    for (int flips = 1 + random.nextInt(3); flips > 0 && content.length > 0; flips--) {
                        content[random.nextInt(content.length)] ^= (byte) (1 << random.nextInt(8));
                    }
                    Files.write(file, content);
                }
            }
            if (contents(directory).isEmpty()) {
                break;
            }
        }
        return what.toString();
    }

    // --- what must hold ---

    private void check(Map<String, List<Place>> places, Path original, Path damaged, Path repaired, String what)
            throws IOException {
        Map<String, byte[]> sound = contents(original);
        Map<String, byte[]> left = contents(damaged);
        try (Store store = Store.open(repaired, OPTIONS.withVerifyOnRead(true))) {
            for (Map.Entry<String, List<Place>> entry : places.entrySet()) {
                boolean isWhole = entry.getValue().stream().allMatch(place -> isWhole(place, sound, left));
                if (isWhole) {
                    String key = entry.getKey();
                    byte[] value = store.getBytes(bytes(key));
                    assertNotNull(value, () -> what + ": " + key + " is missing, of " + entry.getValue());
                    assertArrayEquals(model.get(key), value, () -> what + ": " + key);
                    assertEquals(expiries.get(key), store.expiryOf(bytes(key)), what + ": " + key);
                }
            }
            store.forEach((keyBytes, view) -> {
                String key = new String(keyBytes, StandardCharsets.UTF_8);
                byte[] value = store.getBytes(keyBytes);
                assertTrue(
                        history.getOrDefault(key, List.of()).stream().anyMatch(old -> Arrays.equals(old, value)),
                        () -> what + ": " + key + " was never stored");
            });
        }
    }

    private static boolean isWhole(Place place, Map<String, byte[]> sound, Map<String, byte[]> left) {
        byte[] before = sound.get(place.file());
        byte[] after = left.get(place.file());
        if (after == null) {
            return false;
        }
        int from = (int) place.offset();
        int to = (int) Math.min(before.length, place.offset() + Math.min(place.length(), before.length));
        return after.length >= to && Arrays.equals(before, from, to, after, from, to);
    }

    private int checkStrict(Path strict, String what) {
        int[] count = new int[1];
        try (Store store = Store.open(strict, OPTIONS.withVerifyOnRead(true))) {
            store.forEach((keyBytes, view) -> {
                count[0]++;
                String key = new String(keyBytes, StandardCharsets.UTF_8);
                assertArrayEquals(model.get(key), store.getBytes(keyBytes), () -> what + ": " + key);
            });
        }
        return count[0];
    }

    // --- files ---

    private static Map<String, byte[]> contents(Path directory) throws IOException {
        Map<String, byte[]> contents = new TreeMap<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                contents.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        return contents;
    }

    private static void assertSame(Map<String, byte[]> before, Map<String, byte[]> after, String what) {
        assertEquals(before.keySet(), after.keySet(), what);
        before.forEach((name, content) -> assertArrayEquals(content, after.get(name), what + ": " + name));
    }

    private static void copy(Path from, Path to) throws IOException {
        for (Map.Entry<String, byte[]> file : contents(from).entrySet()) {
            Files.write(to.resolve(file.getKey()), file.getValue());
        }
    }

    private static void delete(Path directory) throws IOException {
        for (String name : contents(directory).keySet()) {
            Files.delete(directory.resolve(name));
        }
        Files.delete(directory);
    }
}
