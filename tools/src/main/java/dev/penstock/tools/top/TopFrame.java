package dev.penstock.tools.top;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The content of the screen at one moment.
 *
 * @param title what is watched
 * @param seconds the interval over which rates are computed
 * @param sections groups of figures, one below the other
 * @param tables below them
 */
public record TopFrame(String title, double seconds, List<TopSection> sections, List<TopTable> tables) {

    public TopFrame {
        sections = List.copyOf(sections);
        tables = List.copyOf(tables);
    }

    /**
     * A group of figures.
     *
     * @param name for people and scripts
     * @param figures in their order
     */
    public record TopSection(String name, List<TopFigure> figures) {
        public TopSection {
            figures = List.copyOf(figures);
        }
    }

    /**
     * One figure.
     *
     * @param name for scripts, unique in its section
     * @param label for people; empty where the value speaks for itself
     * @param text for people
     * @param value for scripts, a number or text; null if there is none
     */
    public record TopFigure(
            String name,
            String label,
            String text,
            @Nullable Object value) {}
}
