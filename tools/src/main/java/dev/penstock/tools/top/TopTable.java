package dev.penstock.tools.top;

import java.util.List;

/**
 * Rows of text below a heading.
 *
 * @param name of the table, for scripts
 * @param columns headings; those of numbers begin with {@code >} and are aligned to the right
 * @param rows as many cells as there are columns
 */
public record TopTable(String name, List<String> columns, List<List<String>> rows) {

    public TopTable {
        columns = List.copyOf(columns);
        rows = List.copyOf(rows);
    }
}
