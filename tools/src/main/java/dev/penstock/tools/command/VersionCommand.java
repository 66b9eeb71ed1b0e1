package dev.penstock.tools.command;

import dev.penstock.store.Release;
import dev.penstock.store.check.StoreFormat;
import dev.penstock.tools.console.Json;
import dev.penstock.tools.process.ExitCode;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code penstock version}: the versions that a bug report needs. */
@Command(
        name = "version",
        description = "Print the versions of Penstock, of its file formats, of Java and of the system.",
        footer = "  penstock version --json")
final class VersionCommand implements Callable<Integer> {

    @ParentCommand
    private RootCommand root;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        Release release = Release.current();
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("penstock", release.version());
        String commit = release.commit();
        if (!commit.isEmpty()) {
            facts.put("commit", commit);
        }
        facts.put("sources", release.sources());
        facts.put("storeFormat", StoreFormat.version());
        facts.put("checkpointFormat", StoreFormat.checkpointVersion());
        facts.put("java", Runtime.version().toString());
        facts.put("javaVendor", System.getProperty("java.vendor"));
        facts.put("javaHome", System.getProperty("java.home"));
        facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        facts.put("architecture", System.getProperty("os.arch"));
        if (json) {
            Json.line(root.console(), facts);
        } else {
            line(
                    "penstock",
                    facts.get("penstock") + (commit.isEmpty() ? "" : ", commit " + commit) + ", sources of "
                            + facts.get("sources"));
            line("formats", "store " + facts.get("storeFormat") + ", checkpoint " + facts.get("checkpointFormat"));
            line("java", facts.get("java") + ", " + facts.get("javaVendor") + ", in " + facts.get("javaHome"));
            line("system", facts.get("system") + ", " + facts.get("architecture"));
        }
        return ExitCode.OK;
    }

    private void line(String name, String value) throws IOException {
        root.console().line("%-9s %s".formatted(name, value));
    }
}
