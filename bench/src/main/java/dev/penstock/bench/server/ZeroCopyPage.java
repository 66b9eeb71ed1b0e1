package dev.penstock.bench.server;

import dev.penstock.bench.report.CostChart;
import dev.penstock.bench.report.Report;
import dev.penstock.bench.server.TransferSample.Direction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The page about zero copy: text that people wrote, with the figures of the last run between two marks. */
final class ZeroCopyPage {

    private static final String BEGIN = "<!-- figures: written by bench/zero-copy -->\n";
    private static final String END = "<!-- end of figures -->\n";

    private ZeroCopyPage() {}

    static void update(Path page, Report report, int rounds, ZeroCopyTables tables) throws IOException {
        String text = Files.readString(page);
        int begin = text.indexOf(BEGIN);
        int end = text.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IOException(page + " has no place for figures");
        }
        String name = page.getFileName().toString().replaceFirst("\\.md$", "");
        StringBuilder figures = new StringBuilder(BEGIN)
                .append("\n`")
                .append(report.command())
                .append("`, commit ")
                .append(report.commit())
                .append(", ")
                .append(report.started())
                .append(rounds == 1 ? ", one round. " : ", median of " + rounds + " rounds. ")
                .append(report.machine().describe())
                .append(".\n\n");
        for (Direction direction : Direction.values()) {
            if (tables.ways(direction).isEmpty()) {
                continue;
            }
            boolean out = direction == Direction.OUT;
            String file = name + (out ? "-out.svg" : "-in.svg");
            String title = (out ? "Values out, file to socket" : "Values in, socket to file") + ", 8 connections";
            CostChart chart = new CostChart(title, tables.lengths(), ZeroCopyTables::size);
            for (TransferWay way : tables.ways(direction)) {
                chart.line(
                        way.label(),
                        way.colour(),
                        length -> tables.median(direction, way, length, 8, TransferSample::processorMillis));
            }
            Files.writeString(page.resolveSibling(file), chart.svg());
            figures.append("![").append(title).append("](").append(file).append(")\n\n");
        }
        figures.append(tables.text()).append('\n');
        Files.writeString(page, text.substring(0, begin) + figures + text.substring(end));
    }
}
