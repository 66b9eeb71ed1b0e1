package dev.penstock.bench.scale;

import dev.penstock.bench.report.ResultOptions;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that the programs with child JVMs share. */
final class RunOptions {

    @Option(names = "--rounds", defaultValue = "5", description = "How often all is measured (${DEFAULT-VALUE}).")
    int rounds;

    @Mixin
    private ResultOptions results;

    /** Where results are written. */
    Path results() {
        return results.folder();
    }
}
