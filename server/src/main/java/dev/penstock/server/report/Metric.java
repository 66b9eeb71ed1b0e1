package dev.penstock.server.report;

/**
 * One number about the server, as the status page and the metrics show it.
 *
 * @param name what metrics call it, without prefix and suffix
 * @param text what it is, for people
 */
public record Metric(String name, String text, Kind kind, Unit unit, long value) {

    /** Whether it only ever grows. */
    public enum Kind {
        COUNTER,
        GAUGE
    }

    /** What is counted. Metrics have percents as shares of one. */
    public enum Unit {
        NUMBER,
        BYTES,
        PERCENT
    }

    static Metric counter(String name, String text, long value) {
        return new Metric(name, text, Kind.COUNTER, Unit.NUMBER, value);
    }

    static Metric gauge(String name, String text, long value) {
        return new Metric(name, text, Kind.GAUGE, Unit.NUMBER, value);
    }

    /** The same of another unit. */
    Metric in(Unit other) {
        return new Metric(name, text, kind, other, value);
    }
}
