package dev.penstock.bench.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A control group of the kernel that lets the processes in it have so much memory, page cache included: what is mapped
 * or written beyond that makes the kernel drop something else of theirs. Version 2 and version 1 are known.
 */
public final class MemoryLimit implements AutoCloseable {

    private static final Path VERSION_2 = Path.of("/sys/fs/cgroup");
    private static final Path VERSION_1 = VERSION_2.resolve("memory");

    private final Path group;

    private MemoryLimit(Path group) {
        this.group = group;
    }

    /**
     * Makes a group.
     *
     * @throws IOException if this system does not let the user, with what is missing
     */
    public static MemoryLimit ofBytes(long bytes) throws IOException {
        boolean second = Files.exists(VERSION_2.resolve("cgroup.controllers"));
        Path group = (second ? VERSION_2 : VERSION_1)
                .resolve("penstock-bench-" + ProcessHandle.current().pid());
        Files.createDirectory(group);
        MemoryLimit limit = new MemoryLimit(group);
        boolean made = false;
        try {
            Files.writeString(group.resolve(second ? "memory.max" : "memory.limit_in_bytes"), Long.toString(bytes));
            made = true;
            return limit;
        } finally {
            if (!made) {
                limit.close();
            }
        }
    }

    /** The command with which a process enters the group before it becomes another command. */
    public List<String> enter() {
        return List.of("sh", "-c", "echo $$ > " + group.resolve("cgroup.procs") + " && exec \"$@\"", "sh");
    }

    /** The processes in it must have ended. */
    @Override
    public void close() throws IOException {
        Files.delete(group);
    }
}
