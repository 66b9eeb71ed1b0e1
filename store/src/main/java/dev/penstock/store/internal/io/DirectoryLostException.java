package dev.penstock.store.internal.io;

import java.io.IOException;

/** The path of an open directory now leads to another directory, or to none. */
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
