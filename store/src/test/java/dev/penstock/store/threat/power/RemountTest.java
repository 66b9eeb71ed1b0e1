package dev.penstock.store.threat.power;

import static dev.penstock.store.StoreTest.bytes;
import static dev.penstock.store.StoreTest.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.penstock.store.ProgressListener;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.TestJvm;
import dev.penstock.store.check.StoreVerifier;
import dev.penstock.store.internal.io.DirectoryLock;
import dev.penstock.store.internal.io.DiskDirectory;
import dev.penstock.store.internal.io.SystemDisk;
import dev.penstock.store.threat.fulldisk.SmallFileSystem;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The machine runs on, but its file system goes down and is mounted again: what was never forced may be lost. Here an
 * ext4 is shut down without writing anything back; the log and the first page of a value had got to the device, the
 * rest of the value had not.
 */
class RemountTest {

    private static final long EXT4_IOC_SHUTDOWN = 0x8004587DL;
    private static final int NO_LOG_FLUSH = 2;
    private static final int WAIT_WRITE_WAIT = 7;

    /** Numbers of system calls on amd64. */
    private static final long OPEN = 2;

    private static final long CLOSE = 3;
    private static final long IOCTL = 16;
    private static final long FSYNC = 74;
    private static final long SYNC_FILE_RANGE = 277;

    @TempDir
    Path place;

    @Test
    void whatWasNotForcedIsVerifiedAfterTheFileSystemWasMountedAnew() throws Exception {
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "knows the numbers of system calls of amd64 alone");
        try (SmallFileSystem files = SmallFileSystem.mount(SmallFileSystem.Kind.EXT4, place)) {
            Path directory = files.root.resolve("store");
            write(directory);
            assumeTrue(isTrusted(directory), "this kernel has no mount ids that are unique");
            for (Path file : filesOf(directory)) {
                String name = file.getFileName().toString();
                if (name.endsWith(".value")) {
                    on(file, (call, number) -> call(call, SYNC_FILE_RANGE, number, 0, 4096, WAIT_WRITE_WAIT));
                } else {
                    on(file, (call, number) -> call(call, FSYNC, number, 0, 0, 0));
                }
            }
            on(directory, (call, number) -> call(call, FSYNC, number, 0, 0, 0));
            on(files.root, (call, number) -> {
                try (Arena arena = Arena.ofConfined()) {
                    long flag = arena.allocateFrom(ValueLayout.JAVA_INT, NO_LOG_FLUSH)
                            .address();
                    return call(call, IOCTL, number, EXT4_IOC_SHUTDOWN, flag, 0);
                }
            });
            files.remount();
            assertFalse(isTrusted(directory));
            try (Store follower = Store.open(directory, StoreOptions.defaults().withReadOnly(true))) {
                assertLostOrWhole(follower);
            }
            StoreVerifier.verify(directory, ProgressListener.NONE);
            try (Store store = Store.open(directory)) {
                assertLostOrWhole(store);
                assertTrue(isTrusted(directory), "from now on it is");
            }
        }
    }

    private static void assertLostOrWhole(Store store) {
        assertArrayEquals(bytes("value"), store.getBytes(bytes("synced")));
        byte[] large = store.getBytes(bytes("large"));
        if (large != null) {
            assertArrayEquals(random(2 << 20, 1), large);
        }
    }

    private static boolean isTrusted(Path directory) throws IOException {
        try (DiskDirectory opened = new SystemDisk().openDirectory(directory)) {
            return DirectoryLock.isOfThisBoot(opened);
        }
    }

    private static void write(Path directory) throws Exception {
        Process child = new ProcessBuilder(TestJvm.command(
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        UnsyncedWriter.class.getName(),
                        directory.toString()))
                .inheritIO()
                .start();
        assertEquals(0, child.waitFor());
    }

    private static List<Path> filesOf(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }

    private interface Action {

        long on(MethodHandle call, long number) throws Throwable;
    }

    @SuppressWarnings("restricted") // the only way to this ioctl
    private static void on(Path file, Action action) {
        MethodHandle call = Linker.nativeLinker()
                .downcallHandle(
                        Linker.nativeLinker().defaultLookup().findOrThrow("syscall"),
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_LONG,
                                ValueLayout.JAVA_LONG,
                                ValueLayout.JAVA_LONG,
                                ValueLayout.JAVA_LONG,
                                ValueLayout.JAVA_LONG,
                                ValueLayout.JAVA_LONG),
                        Linker.Option.firstVariadicArg(1));
        try (Arena arena = Arena.ofConfined()) {
            long number = call(call, OPEN, arena.allocateFrom(file.toString()).address(), 0, 0, 0);
            assertTrue(number >= 0, "open of " + file);
            assertEquals(0, action.on(call, number), "call on " + file);
            call(call, CLOSE, number, 0, 0, 0);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    private static long call(MethodHandle call, long number, long first, long second, long third, long fourth)
            throws Throwable {
        return (long) call.invokeExact(number, first, second, third, fourth);
    }
}
