package dev.penstock.store.internal.io;

import java.io.IOException;

/** The path of a directory that is open leads to another one by now, or to none. */
public final class DirectoryLostException extends IOException {

    private static final long serialVersionUID = 1L;

    private final String problem;

    public DirectoryLostException(String problem) {
        super(problem);
        this.problem = problem;
    }

    /** Its message. */
    public String problem() {
        return problem;
    }
}
