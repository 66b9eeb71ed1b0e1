package dev.penstock.store.threat.failure;

import static dev.penstock.store.StoreTest.bytes;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.penstock.store.ReadOnlyStoreException;
import dev.penstock.store.Store;
import dev.penstock.store.StoreAccess;
import dev.penstock.store.StoreLockedException;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.internal.background.AgentThread;
import dev.penstock.store.internal.background.SegmentTurnover;
import dev.penstock.store.internal.io.SystemDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;
import org.agrona.concurrent.Agent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A directory has one owner at a time, whichever way it is reached, and its files are nobody else's. */
class OwnershipTest {

    @TempDir
    Path directory;

    @Test
    void aReadOnlyStoreReadsBesideItsOwnerAndRefusesToWrite() {
        try (Store owner = Store.open(directory)) {
            owner.put(bytes("key"), bytes("value"));
            try (Store reader = Store.open(directory, StoreOptions.defaults().withReadOnly(true))) {
                assertArrayEquals(bytes("value"), reader.getBytes(bytes("key")));
                assertThrows(ReadOnlyStoreException.class, () -> reader.put(bytes("key"), bytes("no")));
            }
        }
    }

    @Test
    void aStoreMayBeOpenedThroughALinkToItsDirectory() throws IOException {
        Path real = Files.createDirectory(directory.resolve("real"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), real);
        try (Store store = Store.open(link)) {
            store.put(bytes("key"), bytes("value"));
            assertThrows(StoreLockedException.class, () -> Store.open(real));
        }
        try (Store store = Store.open(real)) {
            assertArrayEquals(bytes("value"), store.getBytes(bytes("key")));
        }
    }

    @Test
    void aSecondOwnerIsRefused() {
        try (Store owner = Store.open(directory)) {
            StoreLockedException refused = assertThrows(StoreLockedException.class, () -> Store.open(directory));
            assertTrue(refused.getMessage().contains(directory.toString()), refused.getMessage());
            owner.put(bytes("key"), bytes("value"));
        }
        Store.open(directory).close();
    }

    @Test
    void filesAreTheOwnersAlone() throws IOException {
        Path store = directory.resolve("store");
        try (Store opened = Store.open(store)) {
            opened.put(bytes("large"), new byte[2 << 20]);
            try (Stream<Path> files = Files.list(store)) {
                files.forEach(file -> assertEquals("rw-------", permissions(file), file.toString()));
            }
        }
        assertEquals("rwx------", permissions(store));
    }

    private static String permissions(Path path) {
        try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The machine may have no thread left for the last of them. */
    @ParameterizedTest
    @ValueSource(strings = {"penstock-populate", "penstock-checkpoint", "penstock-compact"})
    void anOpenThatGetsNoThreadLeavesNoneBehind(String refused) {
        String mark = " of a store that does not open";
        Function<String, AgentThread> threads = name -> new AgentThread(name + mark) {
            @Override
            public void start(Agent... agents) {
                if (name.equals(refused)) {
                    throw new OutOfMemoryError("unable to create native thread");
                }
                super.start(agents);
            }
        };
        assertThrows(
                OutOfMemoryError.class,
                () -> StoreAccess.open(new SystemDisk(), directory, StoreOptions.defaults(), threads));
        List<String> alive = Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.contains(mark))
                .toList();
        assertEquals(List.of(), alive);
        Store.open(directory).close();
    }

    @Test
    void anOpenThatFailsLetsGoTheSegmentThatItHasPrepared() throws IOException {
        assumeTrue(Files.isReadable(Path.of("/proc/self/maps")), "no /proc");
        StoreOptions small = StoreOptions.defaults().withSegmentSize(1 << 20).withCompactionRate(0);
        try (Store store = Store.open(directory, small)) {
            for (int i = 0; i < 9; i++) {
                store.put(bytes("key" + i), new byte[100_000]);
            }
        }
        AtomicInteger prepared = new AtomicInteger();
        Function<String, AgentThread> threads = name -> new AgentThread(name) {
            @Override
            public void start(Agent... agents) {
                for (Agent agent : agents) {
                    if (agent instanceof SegmentTurnover) {
                        workOnce(agent);
                    }
                }
                if (name.equals("penstock-compact")) {
                    prepared.set((int) filesOf(directory));
                    throw new OutOfMemoryError("unable to create native thread");
                }
            }

            @Override
            public void close() {}
        };
        assertThrows(OutOfMemoryError.class, () -> StoreAccess.open(new SystemDisk(), directory, small, threads));
        assertEquals(2, prepared.get(), "segments");
        assertEquals(1, filesOf(directory));
        assertEquals(List.of(), mentions(Files.readAllLines(Path.of("/proc/self/maps"))));
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            assertEquals(List.of(), mentions(open.map(OwnershipTest::target).toList()));
        }
        Store.open(directory).close();
    }

    private static void workOnce(Agent agent) {
        try {
            agent.doWork();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static long filesOf(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".log")).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> mentions(List<String> lines) {
        return lines.stream()
                .filter(line -> line.contains(directory.toString()))
                .toList();
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException closed) {
            return "";
        }
    }
}
