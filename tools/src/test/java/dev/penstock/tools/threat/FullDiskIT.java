package dev.penstock.tools.threat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.penstock.store.Store;
import dev.penstock.tools.Cli;
import dev.penstock.tools.process.ExitCode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file system that fills up while a load runs. Needs the right to mount one; skipped, and said so, without. */
class FullDiskIT {

    private static final int FILE_COUNT = 300;
    private static final int FILE_LENGTH = 700_000;

    @TempDir
    Path folder;

    private Path disk;
    private boolean mounted;

    @BeforeEach
    void mount() throws Exception {
        disk = Files.createDirectory(folder.resolve("disk"));
        mounted = run("mount", "-t", "tmpfs", "-o", "size=160m", "penstock-test", disk.toString()) == 0;
        assumeTrue(mounted, "no right to mount a small tmpfs: the full disk is not tested");
    }

    @AfterEach
    void unmount() throws Exception {
        if (mounted) {
            assertEquals(0, run("umount", disk.toString()));
        }
    }

    @Test
    void aLoadThatFillsTheDiskSaysSoAndWhatWasAcknowledgedIsThere() throws Exception {
        Path tree = Files.createDirectory(folder.resolve("tree"));
        for (int i = 0; i < FILE_COUNT; i++) {
            Files.write(tree.resolve("file" + i), content(i));
        }
        Files.write(tree.resolve("zz-large"), new byte[40 << 20]);
        Path store = disk.resolve("store");
        Path acks = folder.resolve("acks");

        Cli.Result load = Cli.run("load", store, tree, "--ack-log", acks).exits(ExitCode.STORE);
        assertTrue(load.complaint().contains(store.toString()), load.err());
        assertEquals("", load.out());

        List<String> acknowledged = Files.readAllLines(acks);
        assertTrue(acknowledged.size() > 10 && acknowledged.size() < FILE_COUNT, acknowledged.size() + " files");
        assertAllThere(store, acknowledged);
        Cli.run("verify", store).exits(ExitCode.OK);

        // Reads and removals go on; and what was removed makes room again.
        List<Object> del = new ArrayList<>(List.of("del", store));
        del.addAll(acknowledged.subList(1, acknowledged.size()));
        Cli.Result removed = Cli.run(del.toArray());
        if (removed.exitCode() == ExitCode.OK) {
            Cli.run("compact", store);
            assertAllThere(store, acknowledged.subList(0, 1));
        } else {
            assertEquals(ExitCode.STORE, removed.exitCode(), removed.err());
            assertAllThere(store, acknowledged.subList(0, 1));
        }
    }

    /** The store is full, and no pipe or file outside it failed. */
    @Test
    void aPutThatDoesNotFitEndsAsARefusalByTheStore() throws Exception {
        Path store = disk.resolve("store");
        Cli.run("put", store, "mine", "1").exits(ExitCode.OK);
        Path large = folder.resolve("large");
        try (FileChannel sparse = FileChannel.open(large, CREATE_NEW, WRITE)) {
            sparse.write(ByteBuffer.allocate(1), (200 << 20) - 1);
        }
        Cli.run("put", store, "large", "--file", large).exits(ExitCode.STORE);

        // What was read first gets no file.
        try (FileChannel other = FileChannel.open(disk.resolve("other"), CREATE_NEW, WRITE)) {
            ByteBuffer piece = ByteBuffer.allocate(64 << 10);
            try {
                while (true) {
                    other.write(piece.clear());
                }
            } catch (IOException full) {
                other.truncate(other.size() - (512 << 10));
            }
        }
        Cli.Result piped =
                Cli.runWithInput(new byte[2 << 20], "put", store, "large").exits(ExitCode.STORE);
        assertTrue(piped.complaint().contains("the file system has "), piped.err());
        assertEquals("1", Cli.run("get", store, "mine").exits(ExitCode.OK).out());
        Cli.run("get", store, "large").exits(ExitCode.NEGATIVE);
    }

    private Path csv() throws Exception {
        Path csv = folder.resolve("entries.csv");
        try (BufferedWriter out = Files.newBufferedWriter(csv)) {
            out.write("key,value\n");
            for (int i = 0; i < FILE_COUNT; i++) {
                out.write("key" + i + "," + "x".repeat(FILE_LENGTH) + "\n");
            }
        }
        return csv;
    }

    @Test
    void anImportThatFillsTheDiskRemovesTheStoreThatItMade() throws Exception {
        Path store = disk.resolve("store");
        Cli.Result result = Cli.run("import", store, csv()).exits(ExitCode.STORE);
        assertEquals("", result.out());
        assertEquals(2, result.err().lines().count(), result.err());
        assertTrue(result.err().contains(store + " was removed again: it had only a part of "), result.err());
        assertTrue(result.err().contains("entries.csv; make space on its disk and import that again"), result.err());
        assertNothingLeft(List.of());
    }

    @Test
    void anImportThatFillsTheDiskKeepsTheStoreThatWasThere() throws Exception {
        Path store = disk.resolve("store");
        Cli.run("put", store, "mine", "1").exits(ExitCode.OK);
        Cli.Result result = Cli.run("import", store, csv()).exits(ExitCode.STORE);
        assertTrue(result.err().contains(store + " keeps what it has, which is only a part of "), result.err());
        assertTrue(result.err().contains("entries.csv; make space on its disk and import that again"), result.err());
        assertNothingLeft(List.of("store"));
        assertEquals("1", Cli.run("get", store, "mine").exits(ExitCode.OK).out());
        Cli.run("verify", store).exits(ExitCode.OK);
    }

    private void assertNothingLeft(List<String> expected) throws Exception {
        try (Stream<Path> left = Files.list(disk)) {
            assertEquals(
                    expected, left.map(file -> file.getFileName().toString()).toList());
        }
    }

    private static void assertAllThere(Path store, List<String> keys) {
        try (Store open = Store.open(store)) {
            for (String key : keys) {
                int number = Integer.parseInt(key.substring("file".length()));
                assertArrayEquals(content(number), open.getBytes(key.getBytes(UTF_8)), key);
            }
        }
    }

    private static byte[] content(int number) {
        byte[] bytes = new byte[FILE_LENGTH];
        new Random(number).nextBytes(bytes);
        return bytes;
    }

    private static int run(String... command) throws Exception {
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }
}
