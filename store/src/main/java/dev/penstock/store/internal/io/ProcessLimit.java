package dev.penstock.store.internal.io;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
            String limits = new String(Files.readAllBytes(LIMITS), StandardCharsets.US_ASCII);
            int line = limits.indexOf(name);
            if (line < 0) {
                return OptionalLong.empty();
            }
            String rest = limits.substring(line + name.length()).stripLeading();
            String soft = rest.substring(0, rest.indexOf(' '));
            return OptionalLong.of(soft.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(soft));
        } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException unknown) {
            return OptionalLong.empty();
        }
    }
}
