package dev.penstock.tools.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.store.CorruptionException;
import dev.penstock.store.check.InspectOptions;
import dev.penstock.store.check.KeyHistory;
import dev.penstock.store.check.RecordDetails;
import dev.penstock.store.check.SegmentDetails;
import dev.penstock.store.check.StoreDetails;
import dev.penstock.store.check.StoreInspector;
import dev.penstock.tools.console.Failures;
import dev.penstock.tools.console.Json;
import dev.penstock.tools.console.ProgressDisplay;
import dev.penstock.tools.inspect.Inspection;
import dev.penstock.tools.inspect.InspectionHtml;
import dev.penstock.tools.inspect.InspectionJson;
import dev.penstock.tools.inspect.InspectionText;
import dev.penstock.tools.inspect.RecordText;
import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.process.ToolException;
import dev.penstock.tools.text.ByteText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code penstock inspect}: what is in a store's files. */
@Command(
        name = "inspect",
        description = {
            "Show what is in the store's files: keys, live and dead bytes, index, histograms, largest values,"
                    + " segments. Changes nothing.",
            "If the store is too damaged to open, inspect shows what it can read and exits with 1. "
                    + "To look for damage, use 'verify'."
        },
        footer = {
            "  penstock inspect data --html report.html",
            "  penstock inspect data --by-prefix : --top 20",
            "  penstock inspect data --key greeting",
            "  penstock inspect data --record 0000000001.log:64"
        })
final class InspectCommand extends StoreCommand {

    private static final int MOST_VERSIONS = 1000;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Option(
            names = "--html",
            paramLabel = "FILE",
            description = "Write a report to FILE, an HTML page that needs no other file and no network.")
    private @Nullable Path html;

    @Option(
            names = "--top",
            paramLabel = "N",
            defaultValue = "10",
            description = "List so many of the largest values and commonest prefixes: 0 to 1000, 10 if not given.")
    private int top;

    @Option(
            names = "--by-prefix",
            paramLabel = "TEXT",
            description = "Count keys by what they begin with, up to and including TEXT, for example ':'.")
    private @Nullable String delimiter;

    @ArgGroup
    private @Nullable Subject subject;

    @Mixin
    private KeyOptions keys;

    /** What to look at instead of the whole store. */
    static final class Subject {

        @Option(
                names = "--key",
                paramLabel = "KEY",
                description = "Show what the log still holds of a key: its newest 1000 values and removals.")
        private @Nullable String key;

        @Option(
                names = "--record",
                paramLabel = "PLACE",
                description = "Show a record, decoded and in hexadecimal digits; PLACE is its position or FILE:OFFSET.")
        private @Nullable String place;

        @Option(names = "--segment", paramLabel = "N", description = "Show one segment of the log, with a map of it.")
        private @Nullable Long segment;
    }

    @Override
    int run() throws IOException {
        if (top < 0 || top > InspectOptions.MOST_TOP) {
            throw new ToolException(ExitCode.USAGE, "--top is 0 to " + InspectOptions.MOST_TOP + ", not " + top);
        }
        if (subject == null) {
            return inspectAll();
        }
        if (html != null) {
            throw new ToolException(
                    ExitCode.USAGE, "--html is a report of the whole store; leave out the other option");
        }
        try (ProgressDisplay progress = new ProgressDisplay("inspect", console())) {
            if (subject.key != null) {
                return print(StoreInspector.history(directory(), keys.parse(subject.key), MOST_VERSIONS, progress));
            }
            if (subject.place != null) {
                return printRecord(subject.place, progress);
            }
            if (subject.segment != null) {
                return printSegment(subject.segment, progress);
            }
        }
        throw new IllegalStateException("the parser has set nothing");
    }

    // --- the whole store ---

    private int inspectAll() throws IOException {
        if ("".equals(delimiter)) {
            throw new ToolException(ExitCode.USAGE, "--by-prefix needs a text that prefixes end with, for example ':'");
        }
        byte[] prefixEnd = ByteText.bytes(delimiter == null ? "" : delimiter);
        Clock clock = Clock.systemUTC();
        StoreDetails details;
        try (ProgressDisplay progress = new ProgressDisplay("inspect", console())) {
            details = StoreInspector.details(
                    directory(),
                    new InspectOptions(top, prefixEnd, html == null ? 0 : InspectionHtml.MAP_CELLS),
                    clock,
                    progress);
        }
        long start = System.nanoTime();
        String problem = openingProblem();
        long openMillis = problem.isEmpty() ? (System.nanoTime() - start) / 1_000_000 : -1;
        Inspection inspection = Inspection.of(directory(), clock.instant(), details, openMillis);
        if (html != null) {
            write(html, InspectionHtml.page(inspection, problem));
        }
        if (json) {
            Json.line(console(), InspectionJson.of(inspection));
        } else if (html == null) {
            new InspectionText(console()).print(inspection);
        } else {
            console().line("wrote " + html);
        }
        if (!problem.isEmpty()) {
            console().complain(problem);
        }
        return problem.isEmpty() ? ExitCode.OK : ExitCode.NEGATIVE;
    }

    private static void write(Path file, byte[] content) throws IOException {
        try {
            Files.write(file, content);
        } catch (IOException e) {
            throw Failures.named(file, e);
        }
    }

    /** What is shown leaves out what is damaged, and must not be taken for the whole. */
    private String openingProblem() {
        try {
            openToRead(false).close();
            return "";
        } catch (CorruptionException e) {
            return String.valueOf(ToolException.damaged(directory(), e).getMessage());
        }
    }

    // --- parts of it ---

    private int print(KeyHistory history) throws IOException {
        if (history.records().isEmpty()) {
            throw new ToolException(ExitCode.NEGATIVE, "the log holds nothing of this key");
        }
        if (json) {
            Json.line(console(), InspectionJson.of(history));
        } else {
            new RecordText(console()).print(history);
        }
        return ExitCode.OK;
    }

    private int printRecord(String place, ProgressDisplay progress) throws IOException {
        int colon = place.lastIndexOf(':');
        long number;
        try {
            number = Long.parseLong(place.substring(colon + 1));
        } catch (NumberFormatException e) {
            throw new ToolException(
                    ExitCode.USAGE,
                    "'" + place + "' is no place of a record: give its position, or FILE:OFFSET as verify prints them",
                    e);
        }
        Optional<RecordDetails> details = colon < 0
                ? StoreInspector.record(directory(), number, progress)
                : StoreInspector.record(directory(), place.substring(0, colon), number, progress);
        if (details.isEmpty()) {
            throw new ToolException(ExitCode.NEGATIVE, "no segment of the log has the place '" + place + "'");
        }
        if (json) {
            Json.line(console(), InspectionJson.of(details.get()));
        } else {
            new RecordText(console()).print(details.get());
        }
        return details.get().problem().isEmpty() ? ExitCode.OK : ExitCode.NEGATIVE;
    }

    private int printSegment(long number, ProgressDisplay progress) throws IOException {
        Optional<SegmentDetails> details = StoreInspector.segment(directory(), number, progress);
        if (details.isEmpty()) {
            throw new ToolException(ExitCode.NEGATIVE, "the log has no segment " + number);
        }
        if (json) {
            ObjectNode node = InspectionJson.of(details.get());
            Json.line(console(), node);
        } else {
            new RecordText(console()).print(details.get());
        }
        return details.get().gapCount() == 0 ? ExitCode.OK : ExitCode.NEGATIVE;
    }
}
