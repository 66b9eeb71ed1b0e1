package dev.penstock.tools.console;

import dev.penstock.store.StoreLockedException;
import dev.penstock.tools.process.MainClass;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The process that has a store open for writing. The lock itself does not name it: the kernel records no process for a
 * lock of an open file description. {@code /proc} shows which process has such a lock, to the same user and to root.
 *
 * @param pid of the process
 * @param isServer whether it is {@code penstock serve}
 */
record LockHolder(long pid, boolean isServer) {

    private static final Path PROCESSES = Path.of("/proc");
    private static final String IN_USE = " is in use by another process";

    /** The message of the exception, with the process that has the lock if it is known, and what to do. */
    static String describe(StoreLockedException exception) {
        String message = String.valueOf(exception.getMessage());
        int end = message.indexOf(IN_USE);
        if (end < 0) {
            return message;
        }
        String directory = message.substring(0, end);
        return find(Path.of(directory))
                .map(holder -> directory + " is in use by process " + holder.pid
                        + (holder.isServer
                                ? ", a Penstock server; write through the server, for example by redis-cli, or stop it"
                                : "; only one process may write to it"))
                .orElse(message);
    }

    private static Optional<LockHolder> find(Path directory) {
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROCESSES, "[0-9]*")) {
            Path lock = directory.toRealPath().resolve("LOCK");
            for (Path process : processes) {
                if (holds(process, lock)) {
                    return Optional.of(
                            new LockHolder(Long.parseLong(process.getFileName().toString()), isServer(process)));
                }
            }
        } catch (IOException | UncheckedIOException e) {
            // The message is good enough without it.
        }
        return Optional.empty();
    }

    /** Followers may have the file open as well, without a lock. */
    private static boolean holds(Path process, Path lock) {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path descriptor : descriptors) {
                if (isLocked(process, descriptor, lock)) {
                    return true;
                }
            }
        } catch (IOException | UncheckedIOException e) {
            // The process has ended, or is another user's.
        }
        return false;
    }

    private static boolean isLocked(Path process, Path descriptor, Path lock) {
        try {
            Path status = process.resolve("fdinfo").resolve(descriptor.getFileName());
            return Files.readSymbolicLink(descriptor).equals(lock)
                    && Files.readString(status).contains("\nlock:");
        } catch (IOException e) {
            // The file was closed since.
            return false;
        }
    }

    private static boolean isServer(Path process) throws IOException {
        List<String> words =
                List.of(Files.readString(process.resolve("cmdline")).split("\0", -1));
        int main = words.indexOf(MainClass.NAME);
        return main >= 0 && main + 1 < words.size() && words.get(main + 1).equals("serve");
    }
}
