package dev.penstock.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How many files the process may have open. */
final class FileDescriptors {

    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final String OPEN_FILES = "Max open files";
    private static final int RESERVED = 64;

    private FileDescriptors() {}

    /** What is left for clients' sockets when the store and the JVM have theirs; no bound where it is not known. */
    static int spareForClients() {
        try {
            for (String line : Files.readAllLines(LIMITS)) {
                if (line.startsWith(OPEN_FILES)) {
                    String soft = line.substring(OPEN_FILES.length()).strip().split("\\s+", 2)[0];
                    long limit = soft.equals("unlimited") ? Integer.MAX_VALUE : Long.parseLong(soft);
                    return Math.clamp(limit - RESERVED, 1, Integer.MAX_VALUE);
                }
            }
        } catch (IOException | NumberFormatException e) {
            return Integer.MAX_VALUE; // not Linux
        }
        return Integer.MAX_VALUE;
    }
}
