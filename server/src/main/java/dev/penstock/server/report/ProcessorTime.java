package dev.penstock.server.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What processors have spent on this process since it began, in its own code and in the kernel's. */
record ProcessorTime(double userSeconds, double systemSeconds) {

    private static final Path STATUS = Path.of("/proc/self/stat");
    /** The kernel reports hundredths of a second to processes, whatever its own clock. */
    private static final double TICKS_PER_SECOND = 100;

    private static final int USER_FIELD = 11;
    private static final int SYSTEM_FIELD = 12;

    /** Empty where there is no Linux to ask. */
    static Optional<ProcessorTime> ofProcess() {
        try {
            String status = Files.readString(STATUS);
            // The second field is the program's name in parentheses, and may hold anything.
            String[] fields = status.substring(status.lastIndexOf(')') + 2).split(" ", -1);
            return Optional.of(new ProcessorTime(
                    Long.parseLong(fields[USER_FIELD]) / TICKS_PER_SECOND,
                    Long.parseLong(fields[SYSTEM_FIELD]) / TICKS_PER_SECOND));
        } catch (IOException notLinux) {
            return Optional.empty();
        }
    }
}
