package dev.penstock.store.internal.io;

import java.io.IOException;
import java.nio.file.Path;

/** A file is shorter than what it must hold. */
public final class CutShortException extends IOException {

    private static final long serialVersionUID = 1L;

    public CutShortException(Path path, long size, long expected) {
        super(path + " is cut short: it has " + size + " bytes and should have " + expected);
    }
}
