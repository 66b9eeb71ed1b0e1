package dev.penstock.tools;

/** What the program's exit status means; the same for every subcommand, and listed by {@code penstock --help}. */
final class ExitCode {

    /** Done. */
    static final int OK = 0;
    /** Done, with a negative result: a key is absent, the store is damaged, input was skipped. */
    static final int NEGATIVE = 1;
    /** Usage error. */
    static final int USAGE = 2;
    /** The store refused: no store, locked, damaged, too new, full. */
    static final int STORE = 3;
    /** A file, pipe or port outside the store failed. */
    static final int IO = 4;
    /** A defect of Penstock. */
    static final int DEFECT = 70;

    private ExitCode() {}
}
