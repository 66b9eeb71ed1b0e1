package dev.penstock.bench.server;

import dev.penstock.bench.process.ExternalProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The scheduling policy of threads that run when no other wants their processor, and make way at once for one that does
 * ({@code SCHED_IDLE}). For clients that take much beside others who are timed: how long those wait for each other, in
 * the slices of milliseconds that the kernel deals out, is nothing that a server could help.
 */
final class IdlePriority {

    private IdlePriority() {}

    /** Gives it to the thread that calls, for good. */
    static void take() throws IOException {
        Path thread = Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName();
        ExternalProgram.output(List.of("chrt", "--idle", "--pid", "0", thread.toString()));
    }
}
