package dev.penstock.tools.top;

import java.util.List;
import java.util.Map;

/**
 * One reading of the watched server or store. Clients choose some of its text, so it may contain anything.
 *
 * @param nanos when, by {@link System#nanoTime}
 * @param title what is watched
 * @param figures by name; those of INFO, or of a store's statistics under names of their own
 * @param tables lines of text, such as those of CLIENT LIST
 */
record TopReading(long nanos, String title, Map<String, String> figures, List<TopTable> tables) {

    TopReading {
        figures = Map.copyOf(figures);
        tables = List.copyOf(tables);
    }

    /** A figure as a number; 0 if it is not told or is no number. */
    double number(String name) {
        try {
            return Double.parseDouble(figures.getOrDefault(name, "0"));
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    boolean has(String name) {
        return figures.containsKey(name);
    }
}
