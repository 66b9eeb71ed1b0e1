package dev.penstock.store.internal.io;

import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * What new files and directories are made with: modes that let in their owner only, where files have modes. Elsewhere
 * a file has the rights that its directory passes on.
 */
final class FileModes {

    private static final FileAttribute<?>[] NONE = {};

    private FileModes() {}

    /** Whether the file system of a path has modes, and the other rules of POSIX with them. */
    static boolean areKnownTo(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    static FileAttribute<?>[] ofFile(Path path) {
        return of(path, "rw-------");
    }

    static FileAttribute<?>[] ofDirectory(Path path) {
        return of(path, "rwx------");
    }

    private static FileAttribute<?>[] of(Path path, String mode) {
        return areKnownTo(path)
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode))}
                : NONE;
    }
}
