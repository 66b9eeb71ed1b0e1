package dev.penstock.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/**
 * Makes temporary directories in memory where the system has space for them there. For tests that force files thousands
 * of times and examine what the store asked for, not what a device did.
 */
public final class MemoryBackedDirectory implements TempDirFactory {

    private static final Path SHARED_MEMORY = Path.of("/dev/shm");
    private static final long LEAST_ROOM = 2L << 30;
    private static final String PREFIX = "penstock-test-";

    @Override
    public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext context) throws IOException {
        return make();
    }

    /** Makes one that the caller deletes. */
    static Path make() throws IOException {
        return hasRoom() ? Files.createTempDirectory(SHARED_MEMORY, PREFIX) : Files.createTempDirectory(PREFIX);
    }

    private static boolean hasRoom() throws IOException {
        return Files.isDirectory(SHARED_MEMORY)
                && Files.isWritable(SHARED_MEMORY)
                && Files.getFileStore(SHARED_MEMORY).getUsableSpace() >= LEAST_ROOM;
    }
}
