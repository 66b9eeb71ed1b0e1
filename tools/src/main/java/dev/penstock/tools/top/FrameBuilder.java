package dev.penstock.tools.top;

import dev.penstock.tools.top.TopFrame.TopFigure;
import dev.penstock.tools.top.TopFrame.TopSection;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Builds sections from the figures of two readings. A counter that was set back, or was not there, has a rate of 0. */
final class FrameBuilder {

    private static final String UNITS = "KMGTPE";

    private final @Nullable TopReading before;
    private final TopReading now;
    private final double seconds;
    private final List<TopSection> sections = new ArrayList<>();
    private List<TopFigure> figures = new ArrayList<>();

    /** @param before null if there is none yet */
    FrameBuilder(@Nullable TopReading before, TopReading now) {
        this.before = before;
        this.now = now;
        this.seconds = before == null ? 0 : (now.nanos() - before.nanos()) / 1e9;
    }

    double seconds() {
        return seconds;
    }

    /** How much a counter grew, 0 if it was set back. */
    double growth(String counter) {
        return before == null || !before.has(counter) ? 0 : Math.max(0, now.number(counter) - before.number(counter));
    }

    /** How much a counter grew that is one field of a figure such as "calls=3,usec=12"; 0 if it was set back. */
    double growthOf(String figure, String field) {
        if (before == null) {
            return 0;
        }
        // A command that was not used before has no line.
        long earlier = ServerSource.field(before.figures().getOrDefault(figure, ""), field);
        return Math.max(0, (double) (ServerSource.field(now.figures().getOrDefault(figure, ""), field) - earlier));
    }

    /** The fields of a figure such as "8=120,16=7" that have a number for a name, and how much each grew. */
    NavigableMap<Double, Double> growthByNumber(String figure) {
        NavigableMap<Double, Double> growth = new TreeMap<>();
        for (String part : now.figures().getOrDefault(figure, "").split(",", -1)) {
            String name = part.substring(0, Math.max(0, part.indexOf('=')));
            if (name.equals("inf") || name.matches("[0-9]{1,18}")) {
                double number = name.equals("inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(name);
                growth.put(number, growthOf(figure, name));
            }
        }
        return growth;
    }

    /** How much a counter grew per second. */
    double rate(String counter) {
        return seconds > 0 ? growth(counter) / seconds : 0;
    }

    FrameBuilder perSecond(String name, String label, String... counters) {
        double rate = 0;
        for (String counter : counters) {
            rate += rate(counter);
        }
        return figure(name, label, amount(rate) + "/s", rate);
    }

    FrameBuilder bytesPerSecond(String name, String label, String counter) {
        return now.has(counter) ? figure(name, label, bytes(rate(counter)) + "/s", rate(counter)) : this;
    }

    FrameBuilder bytes(String name, String label, String figure) {
        return now.has(figure) ? figure(name, label, bytes(now.number(figure)), now.number(figure)) : this;
    }

    FrameBuilder count(String name, String label, String figure) {
        return now.has(figure) ? figure(name, label, amount(now.number(figure)), now.number(figure)) : this;
    }

    FrameBuilder text(String name, String label, String figure) {
        String text = now.figures().get(figure);
        return text == null ? this : figure(name, label, text, text);
    }

    FrameBuilder figure(String name, String label, String text, @Nullable Object value) {
        figures.add(new TopFigure(name, label, text, value));
        return this;
    }

    /** Ends a section; one without figures is left out. */
    FrameBuilder section(String name) {
        if (!figures.isEmpty()) {
            sections.add(new TopSection(name, figures));
            figures = new ArrayList<>();
        }
        return this;
    }

    TopFrame build(List<TopTable> tables) {
        return new TopFrame(now.title(), seconds, sections, tables);
    }

    /** Such as "0", "12.5", "1,234". */
    static String amount(double number) {
        return number < 100 && number != Math.rint(number)
                ? String.format(Locale.ROOT, "%.1f", number)
                : String.format(Locale.ROOT, "%,.0f", number);
    }

    /** Such as "12 B", "1.5 MiB". */
    static String bytes(double bytes) {
        double scaled = bytes;
        int unit = 0;
        while (scaled >= 1024 && unit < UNITS.length()) {
            scaled /= 1024;
            unit++;
        }
        return unit == 0
                ? String.format(Locale.ROOT, "%.0f B", bytes)
                : String.format(Locale.ROOT, "%.1f %siB", scaled, UNITS.charAt(unit - 1));
    }

    /** Such as "42 s", "3:07:09", "12 d 3:07:09". */
    static String time(long seconds) {
        if (seconds < 60) {
            return seconds + " s";
        }
        String clock = String.format(Locale.ROOT, "%d:%02d:%02d", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
        return seconds < 86_400 ? clock : seconds / 86_400 + " d " + clock;
    }
}
