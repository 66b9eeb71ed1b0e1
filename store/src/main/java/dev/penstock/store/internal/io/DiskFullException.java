package dev.penstock.store.internal.io;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The file system has no space, or a quota is used up. */
public final class DiskFullException extends IOException {

    private static final long serialVersionUID = 1L;

    private static final long BLOCK_LENGTH = 4096;

    public DiskFullException(String message) {
        super(message);
    }

    /**
     * The exception for a call that failed: this one where the cause was that there is no space, otherwise the one it
     * failed with. Java does not tell the error's number, and its text may be in any language.
     *
     * @param place in the file system concerned
     */
    static IOException orOther(IOException failed, Path place) {
        String message = String.valueOf(failed.getMessage());
        boolean full = message.contains("No space left on device") || message.contains("Disk quota exceeded");
        boolean unclear = failed.getClass() == IOException.class || failed.getClass() == FileSystemException.class;
        return full || unclear && usableSpace(place) < BLOCK_LENGTH ? new DiskFullException(message) : failed;
    }

    private static long usableSpace(Path place) {
        try {
            return Files.getFileStore(place).getUsableSpace();
        } catch (IOException unknown) {
            return Long.MAX_VALUE;
        }
    }
}
