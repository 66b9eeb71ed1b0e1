package dev.penstock.store.internal.io;

import java.io.IOException;

/** The file system has no room, or a quota is used up. */
public final class DiskFullException extends IOException {

    private static final long serialVersionUID = 1L;

    public DiskFullException(String message) {
        super(message);
    }
}
