package dev.penstock.tools.process;

/** What the program's exit status means; the same for every subcommand, and listed by {@code penstock --help}. */
public final class ExitCode {

    /** Done. */
    public static final int OK = 0;
    /** Done, with a negative result: a key is absent, the store is damaged, input was skipped. */
    public static final int NEGATIVE = 1;
    /** Usage error. */
    public static final int USAGE = 2;
    /** The store refused: no store, locked, damaged, too new, full. */
    public static final int STORE = 3;
    /** A file, pipe or port outside the store failed. */
    public static final int IO = 4;
    /** A defect of Penstock. */
    public static final int DEFECT = 70;

    private ExitCode() {}
}
