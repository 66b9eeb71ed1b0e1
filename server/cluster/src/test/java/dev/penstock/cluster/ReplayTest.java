package dev.penstock.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.cluster.entry.LogEntry;
import dev.penstock.cluster.entry.LogEntryWriter;
import dev.penstock.cluster.raft.CommittedEntry;
import dev.penstock.cluster.raft.LogPosition;
import dev.penstock.server.shard.EntryClock;
import dev.penstock.store.Durability;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The power is cut at every step of applying: the store begins again with any beginning of its log, to the byte. Then
 * it is what the log of entries makes it up to its mark, and becomes what it makes it in the end, when the entries
 * behind the mark are applied.
 */
class ReplayTest {

    private static final int ENTRIES = 40;
    private static final int KEYS = 6;
    /** Less than a node takes, as the entries are short. */
    private static final int SEGMENT_SIZE = 1 << 20;

    private static final long BEGIN_MILLIS = 1_000_000_000_000L;

    /** As many cuts besides those at each end of an entry. */
    private static final int CUTS = Integer.getInteger("penstock.replayCuts", 40);

    private static final List<String> COMMANDS = List.of(
            "SET K V",
            "SET K V PX 1500",
            "SET K V NX",
            "INCR C",
            "INCRBY C 5",
            "APPEND K V",
            "DEL K",
            "PEXPIRE K 900",
            "RENAME K L",
            "COPY K L REPLACE",
            "MSET K V L V",
            "GETDEL K");

    @TempDir
    Path folder;

    private final long seed = Long.getLong("penstock.seed", System.nanoTime());
    private final Random random = new Random(seed);

    /** A store with the replica that applies entries to it. */
    private static final class Node implements AutoCloseable {

        private final EntryClock clock = new EntryClock();
        private final Store store;
        private final ExecutingReplica replica;

        Node(Path folder) {
            store = Store.open(
                    folder,
                    StoreOptions.defaults()
                            .withClock(clock)
                            .withDurability(Durability.NONE)
                            .withSegmentSize(SEGMENT_SIZE));
            replica = new ExecutingReplica(store, clock, new GroupLog(clock, () -> {}));
        }

        void apply(List<CommittedEntry> entries) {
            if (!entries.isEmpty()) {
                replica.apply(entries).join();
            }
        }

        int appliedCount() {
            return (int) replica.applied().index() + 1;
        }

        SortedMap<String, String> contents() {
            SortedMap<String, String> contents = new TreeMap<>();
            store.forEach((key, value) -> contents.put(
                    new String(key, StandardCharsets.ISO_8859_1),
                    value.expiry() + " " + new String(value.toByteArray(), StandardCharsets.ISO_8859_1)));
            return contents;
        }

        @Override
        public void close() {
            replica.close();
            store.close();
        }
    }

    private byte[] argument(String word) {
        String text = switch (word) {
            case "K", "L" -> "key" + random.nextInt(KEYS);
            case "C" -> "counter" + random.nextInt(2);
            case "V" -> "v".repeat(random.nextInt(200)) + random.nextInt(1000);
            default -> word;
        };
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private List<CommittedEntry> log() {
        List<CommittedEntry> log = new ArrayList<>();
        LogEntryWriter writer = new LogEntryWriter();
        long millis = BEGIN_MILLIS;
        for (int index = 0; index < ENTRIES; index++) {
            millis += random.nextInt(500);
            LogPosition position = new LogPosition(1 + index / 15, index);
            if (index % 15 == 0) {
                log.add(new CommittedEntry(position, null)); // the engine's own
                continue;
            }
            for (int i = random.nextInt(4); i >= 0; i--) {
                String command = random.nextInt(60) == 0 ? "FLUSHALL" : COMMANDS.get(random.nextInt(COMMANDS.size()));
                writer.command(
                        Stream.of(command.split(" ", -1)).map(this::argument).toArray(byte[][]::new));
            }
            log.add(new CommittedEntry(position, writer.finish(LogEntry.Kind.COMMANDS, millis)));
        }
        return log;
    }

    /** The length of the log of a store: what is behind it is zeros. */
    private static long end(Path segment) throws IOException {
        byte[] bytes = Files.readAllBytes(segment);
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] == 0) {
            end--;
        }
        return end;
    }

    private static Path segment(Path store) throws IOException {
        try (Stream<Path> files = Files.list(store)) {
            List<Path> segments = files.filter(file -> {
                        try {
                            return Files.size(file) == SEGMENT_SIZE;
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    })
                    .toList();
            assertEquals(1, segments.size(), segments::toString);
            return segments.getFirst();
        }
    }

    /** What a power cut leaves: all files, and of the log so many bytes. */
    private static void copy(Path from, Path to, Path segment, long length) throws IOException {
        Files.createDirectory(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                // Without LOCK, which says that the machine has been up since, so that nothing can be torn.
                if (!file.equals(segment) && !file.endsWith("LOCK")) {
                    Files.copy(file, to.resolve(file.getFileName()));
                }
            }
        }
        try (RandomAccessFile source = new RandomAccessFile(segment.toFile(), "r");
                RandomAccessFile target =
                        new RandomAccessFile(to.resolve(segment.getFileName()).toFile(), "rw")) {
            byte[] bytes = new byte[(int) length];
            source.readFully(bytes);
            target.write(bytes);
            target.setLength(source.length());
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    @Test
    void thePowerIsCutAtEveryStepOfApplying() throws IOException {
        System.out.println("ReplayTest: -Dpenstock.seed=" + seed);
        List<CommittedEntry> log = log();
        List<SortedMap<String, String>> after = new ArrayList<>(List.of(new TreeMap<>()));
        List<Long> ends = new ArrayList<>();
        Path whole = folder.resolve("whole");
        try (Node node = new Node(whole)) {
            Path segment = segment(whole);
            ends.add(end(segment));
            for (CommittedEntry entry : log) {
                node.apply(List.of(entry));
                after.add(node.contents());
                ends.add(end(segment));
            }
            Set<Integer> marks = new HashSet<>();
            for (long cut : cuts(ends)) {
                Path left = folder.resolve("left");
                copy(whole, left, segment, cut);
                marks.add(replay(left, log, after, cut));
                delete(left);
            }
            assertEquals(ENTRIES + 1, marks.size(), "a cut between each two entries");
        }
    }

    private List<Long> cuts(List<Long> ends) {
        List<Long> cuts = new ArrayList<>(ends);
        long first = ends.getFirst();
        long last = ends.getLast();
        random.longs(CUTS, first, last).forEach(cuts::add);
        return cuts;
    }

    /** Returns how many entries the store had. */
    private int replay(Path left, List<CommittedEntry> log, List<SortedMap<String, String>> after, long cut) {
        int count;
        try (Node node = new Node(left)) {
            count = node.appliedCount();
            assertEquals(after.get(count), node.contents(), () -> "cut at " + cut);
            // Some that are applied come again, as after a restart, and the rest in batches of any length.
            int next = Math.max(0, count - random.nextInt(3));
            while (next < log.size()) {
                int end = Math.min(log.size(), next + 1 + random.nextInt(8));
                node.apply(log.subList(next, end));
                next = end;
            }
            assertEquals(after.getLast(), node.contents(), () -> "cut at " + cut);
            assertEquals(log.size(), node.appliedCount());
        }
        return count;
    }
}
