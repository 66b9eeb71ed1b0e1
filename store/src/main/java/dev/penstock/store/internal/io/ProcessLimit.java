package dev.penstock.store.internal.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** Limits of the system for this process. */
final class ProcessLimit {

    static final String OPEN_FILES = "Max open files";
    static final String ADDRESS_SPACE = "Max address space";

    private static final Path LIMITS = Path.of("/proc/self/limits");

    private ProcessLimit() {}

    /** A limit as it is now, the largest number if there is none; empty if it is not known. */
    static OptionalLong of(String name) {
        try {
            for (String line : Files.readAllLines(LIMITS)) {
                if (line.startsWith(name)) {
                    String soft = line.substring(name.length()).strip().split("\\s+", 2)[0];
                    return OptionalLong.of(soft.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(soft));
                }
            }
            return OptionalLong.empty();
        } catch (IOException | NumberFormatException unknown) {
            return OptionalLong.empty();
        }
    }
}
