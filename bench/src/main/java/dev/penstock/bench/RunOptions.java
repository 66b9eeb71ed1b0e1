package dev.penstock.bench;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options that the programs with child JVMs share. */
final class RunOptions {

    @Option(names = "--rounds", defaultValue = "5", description = "How often all is measured (${DEFAULT-VALUE}).")
    int rounds;

    @Option(names = "--results", defaultValue = "results", description = "Folder for the JSON (${DEFAULT-VALUE}).")
    Path results;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this help.")
    @SuppressWarnings("UnusedVariable") // picocli acts on it by itself
    private boolean help;
}
