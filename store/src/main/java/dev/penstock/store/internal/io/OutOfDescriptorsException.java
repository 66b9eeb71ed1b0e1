package dev.penstock.store.internal.io;

import java.nio.file.FileSystemException;
import java.nio.file.Path;

/**
 * The process, or the machine, may open no more files now. Nothing was changed or forced by the call, and it can be
 * made again when files have been closed.
 */
public final class OutOfDescriptorsException extends FileSystemException {

    private static final long serialVersionUID = 1L;

    public OutOfDescriptorsException(String action, Path path) {
        super(path.toString(), null, action + " needs a file descriptor and none is left: " + remedy());
    }

    /** As many files are in use as the store takes descriptors for. */
    OutOfDescriptorsException(Path path, int inUse) {
        super(
                path.toString(),
                null,
                inUse + " large values are being written, forced or read at once, and descriptors must be left for all"
                        + " else: " + remedy());
    }

    private static String remedy() {
        return "the process may have " + DescriptorLimit.ofProcess()
                + " files open; raise the limit (ulimit -n, LimitNOFILE of a systemd unit) or have fewer open at once";
    }

    /** The same as this type if an exception of Java's says so, or the exception. */
    static java.io.IOException orOther(java.io.IOException e, String action, Path path) {
        return !(e instanceof OutOfDescriptorsException)
                        && String.valueOf(e.getMessage()).contains("Too many open files")
                ? new OutOfDescriptorsException(action, path)
                : e;
    }
}
