package dev.penstock.store.internal.io;

import java.io.IOException;

/** The path of a directory that is open leads to another one by now, or to none. */
public final class DirectoryLostException extends IOException {

    private static final long serialVersionUID = 1L;

    public DirectoryLostException(String message) {
        super(message);
    }
}
