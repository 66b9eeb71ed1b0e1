package dev.penstock.tools.process;

/** The class whose {@code main} is the program, by name: packages below it find its process by that. */
public final class MainClass {

    /** What the command line of a process that runs the program holds. */
    public static final String NAME = "dev.penstock.tools.Penstock";

    private MainClass() {}
}
