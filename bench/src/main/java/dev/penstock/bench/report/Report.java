package dev.penstock.bench.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A run's result as a file: what was measured, when, on what, by which command, of which commit.
 *
 * @param name which harness it was
 * @param started time at the start
 * @param command the command line that repeats the run
 * @param commit the commit that was built, with a mark if the folder held changes
 * @param machine what it ran on
 */
public record Report(String name, Instant started, String command, String commit, Machine machine) {

    private static final DateTimeFormatter FILE_TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

    /** A report on a run that starts now; the scripts pass on the command line and the commit. */
    public static Report begin(String name, Path data) {
        return new Report(
                name,
                Instant.now().truncatedTo(ChronoUnit.SECONDS),
                System.getProperty("penstock.bench.command", "unknown"),
                System.getProperty("penstock.bench.commit", "unknown"),
                Machine.here(data));
    }

    /** What a person should know before the first figure appears. */
    public String heading() {
        return "%s%n%s, commit %s, %s%n".formatted(machine.describe(), command, commit, started);
    }

    /** Writes one JSON file into the folder and returns its path. */
    public Path write(Path folder, Object rows, Object samples) throws IOException {
        Map<String, Object> content = new LinkedHashMap<>();
        content.put("name", name);
        content.put("started", started.toString());
        content.put("command", command);
        content.put("commit", commit);
        content.put("machine", machine);
        content.put("rows", rows);
        content.put("samples", samples);
        Path file = Files.createDirectories(folder).resolve(name + "-" + FILE_TIME.format(started) + ".json");
        new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValue(file.toFile(), content);
        return file;
    }
}
