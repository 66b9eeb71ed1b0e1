package dev.penstock.bench.report;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options that all programs here share. */
public final class ResultOptions {

    @Option(names = "--results", defaultValue = "results", description = "Folder for the JSON (${DEFAULT-VALUE}).")
    private Path folder;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this help.")
    @SuppressWarnings("UnusedVariable") // picocli acts on it by itself
    private boolean help;

    /** Where results are written. */
    public Path folder() {
        return folder;
    }
}
