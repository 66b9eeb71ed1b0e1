package dev.penstock.store.internal.io;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/** Error numbers of Linux, and the exceptions that they become. */
final class ErrorNumber {

    static final int ENOENT = 2;
    static final int EINTR = 4;
    static final int EAGAIN = 11;
    static final int ENOSPC = 28;
    static final int EDQUOT = 122;
    private static final int EPERM = 1;
    private static final int EIO = 5;
    private static final int EACCES = 13;
    private static final int EEXIST = 17;
    private static final int ENOTDIR = 20;
    private static final int EISDIR = 21;
    static final int EINVAL = 22;
    static final int ENFILE = 23;
    static final int EMFILE = 24;
    private static final int EROFS = 30;
    private static final int EMLINK = 31;
    private static final int ENAMETOOLONG = 36;
    private static final int ENOTEMPTY = 39;
    private static final int ELOOP = 40;
    private static final int ESTALE = 116;

    private ErrorNumber() {}

    /** Whether a call failed because the process or the system has no descriptor left. */
    static boolean isOutOfDescriptors(long result) {
        return result == -EMFILE || result == -ENFILE;
    }

    /** The exception for an error number. */
    static IOException exception(long result, String action, Path path) {
        int error = (int) -result;
        String file = path.toString();
        return switch (error) {
            case ENOENT -> new NoSuchFileException(file);
            case EEXIST -> new FileAlreadyExistsException(file);
            case ENOTDIR -> new NotDirectoryException(file);
            case EACCES, EPERM -> new AccessDeniedException(file);
            case EMFILE, ENFILE -> new OutOfDescriptorsException(action, path);
            case ENOSPC, EDQUOT -> new DiskFullException(action + " " + path + ": " + text(error));
            default -> new FileSystemException(file, null, action + " failed: " + text(error));
        };
    }

    private static String text(int error) {
        return switch (error) {
            case EIO -> "Input/output error";
            case EISDIR -> "Is a directory";
            case EINVAL -> "Invalid argument";
            case ENOSPC -> "No space left on device";
            case EDQUOT -> "Disk quota exceeded";
            case EROFS -> "Read-only file system";
            case EMLINK -> "Too many links";
            case ENAMETOOLONG -> "File name too long";
            case ENOTEMPTY -> "Directory not empty";
            case ELOOP -> "Is a symbolic link";
            case ESTALE -> "Stale file handle";
            default -> "error " + error;
        };
    }
}
