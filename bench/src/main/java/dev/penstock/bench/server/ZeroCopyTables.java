package dev.penstock.bench.server;

import dev.penstock.bench.report.Median;
import dev.penstock.bench.report.Table;
import dev.penstock.bench.server.TransferSample.Direction;
import dev.penstock.bench.server.TransferSample.Look;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** The figures of one run of {@link ZeroCopy}, as medians: a line for each way, a column for each length of value. */
final class ZeroCopyTables {

    private static final int MOST_CALLS_SHOWN = 4;
    private static final double LEAST_CALL_SHOWN = .05;
    private static final int MEBIBYTE = 1 << 20;

    /** A figure of a sample. */
    @FunctionalInterface
    interface Figure {
        double of(TransferSample sample);
    }

    /** A figure of one way at one length; NaN if it was not measured. */
    @FunctionalInterface
    private interface Cell {
        double at(TransferWay way, int length);
    }

    private final List<TransferSample> samples;
    private final List<Look> looks;

    ZeroCopyTables(List<TransferSample> samples, List<Look> looks) {
        this.samples = samples;
        this.looks = looks;
    }

    List<Integer> lengths() {
        return samples.stream().map(TransferSample::length).distinct().sorted().toList();
    }

    List<TransferWay> ways(Direction direction) {
        return samples.stream()
                .filter(sample -> sample.direction() == direction)
                .map(TransferSample::way)
                .distinct()
                .sorted()
                .toList();
    }

    /** Median over the rounds, or NaN. */
    double median(Direction direction, TransferWay way, int length, int connections, Figure figure) {
        List<Double> all = samples.stream()
                .filter(sample -> sample.direction() == direction
                        && sample.way() == way
                        && sample.length() == length
                        && sample.connections() == connections)
                .map(figure::of)
                .toList();
        return all.isEmpty() ? Double.NaN : Median.of(all);
    }

    /** All tables as Markdown. */
    String text() {
        StringBuilder text = new StringBuilder();
        for (Direction direction : Direction.values()) {
            if (ways(direction).isEmpty()) {
                continue;
            }
            String heading = direction == Direction.OUT ? "Out, file to socket" : "In, socket to file";
            text.append("### ").append(heading).append("\n\n");
            for (int connections : List.of(8, 1)) {
                String of = connections == 1 ? ", 1 connection" : ", " + connections + " connections";
                add(text, direction, "Server CPU ms per GiB" + of, connections, TransferSample::processorMillis, 0);
                add(text, direction, "GiB/s" + of, connections, TransferSample::gibibytesPerSecond, 2);
                add(text, direction, "Context switches per MiB" + of, connections, TransferSample::contextSwitches, 1);
            }
            append(
                    text,
                    direction,
                    "System calls per MiB, 1 connection",
                    1,
                    (way, length) -> calls(direction, way, length));
            if (direction == Direction.OUT) {
                append(text, direction, "Left in the page cache by one pass over cold values, %", 0, this::residency);
                append(text, direction, "GiB/s of that pass", 2, this::coldRate);
            }
            if (lengths().contains(MEBIBYTE)) {
                callsByName(text, direction);
            }
        }
        crossovers(text);
        return text.toString();
    }

    private void add(
            StringBuilder text, Direction direction, String title, int connections, Figure figure, int decimals) {
        append(text, direction, title, decimals, (way, length) -> median(direction, way, length, connections, figure));
    }

    private void append(StringBuilder text, Direction direction, String title, int decimals, Cell cell) {
        List<String> header = new ArrayList<>(List.of(title));
        lengths().forEach(length -> header.add(size(length)));
        Table table = new Table(1, header.toArray(String[]::new));
        for (TransferWay way : ways(direction)) {
            List<String> row = new ArrayList<>(List.of(way.label()));
            lengths().forEach(length -> row.add(figure(cell.at(way, length), decimals)));
            table.row(row.toArray(String[]::new));
        }
        text.append(table).append('\n');
    }

    private static String figure(double value, int decimals) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%." + decimals + "f", value) : "-";
    }

    private double calls(Direction direction, TransferWay way, int length) {
        Map<String, Double> calls = callNames(direction, way, length);
        return calls.isEmpty()
                ? Double.NaN
                : calls.values().stream().mapToDouble(Double::doubleValue).sum();
    }

    private Map<String, Double> callNames(Direction direction, TransferWay way, int length) {
        return looks.stream()
                .filter(look -> look.direction() == direction && look.way() == way && look.length() == length)
                .map(Look::calls)
                .filter(calls -> !calls.isEmpty())
                .findFirst()
                .orElse(Map.of());
    }

    private double residency(TransferWay way, int length) {
        return cold(way, length, Look::coldResidency) * 100;
    }

    private double coldRate(TransferWay way, int length) {
        return cold(way, length, Look::coldGibibytesPerSecond);
    }

    private double cold(TransferWay way, int length, ToDoubleFunction<Look> figure) {
        return looks.stream()
                .filter(look -> look.way() == way && look.length() == length)
                .mapToDouble(figure)
                .filter(Double::isFinite)
                .findFirst()
                .orElse(Double.NaN);
    }

    private void callsByName(StringBuilder text, Direction direction) {
        Table table = new Table(2, "Values of 1 MiB, 1 connection", "calls per MiB");
        for (TransferWay way : ways(direction)) {
            String calls = callNames(direction, way, MEBIBYTE).entrySet().stream()
                    .filter(call -> call.getValue() >= LEAST_CALL_SHOWN)
                    .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                    .limit(MOST_CALLS_SHOWN)
                    .map(call -> String.format(Locale.ROOT, "%s %.1f", call.getKey(), call.getValue()))
                    .collect(Collectors.joining(", "));
            table.row(way.label(), calls.isEmpty() ? "-" : calls);
        }
        text.append(table).append('\n');
    }

    /** From which length on one way is cheaper than another, and stays so. */
    private void crossovers(StringBuilder text) {
        Table table = new Table(2, "Out, 8 connections: cheaper in CPU", "than", "from");
        for (TransferWay[] pair : new TransferWay[][] {
            {TransferWay.MAPPED, TransferWay.COPY},
            {TransferWay.SENDFILE, TransferWay.COPY},
            {TransferWay.SENDFILE, TransferWay.MAPPED},
            {TransferWay.SPLICE, TransferWay.SENDFILE},
            {TransferWay.AUTO, TransferWay.REDIS},
            {TransferWay.AUTO, TransferWay.NGINX},
            {TransferWay.AUTO, TransferWay.NAIVE_STREAM},
        }) {
            OptionalInt from = crossover(pair[0], pair[1]);
            table.row(pair[0].label(), pair[1].label(), from.isPresent() ? size(from.getAsInt()) : "nowhere");
        }
        text.append("### Crossover sizes\n\n").append(table);
    }

    private OptionalInt crossover(TransferWay way, TransferWay other) {
        OptionalInt from = OptionalInt.empty();
        for (int length : lengths().stream().sorted(Comparator.reverseOrder()).toList()) {
            double cost = median(Direction.OUT, way, length, 8, TransferSample::processorMillis);
            double others = median(Direction.OUT, other, length, 8, TransferSample::processorMillis);
            if (!(cost < others)) {
                return from;
            }
            from = OptionalInt.of(length);
        }
        return from;
    }

    static String size(int length) {
        return length >= MEBIBYTE ? (length >> 20) + " MiB" : (length >> 10) + " KiB";
    }
}
