package dev.penstock.bench.report;

import java.util.ArrayList;
import java.util.List;

/**
 * A table in plain text that is also a Markdown table. The first columns are text and aligned left, the others
 * are figures and aligned right.
 */
public final class Table {

    private final List<List<String>> rows = new ArrayList<>();
    private final int textColumns;
    private final int columnCount;

    /** @param textColumns how many columns, counted from the left, hold text */
    public Table(int textColumns, String... header) {
        this.textColumns = textColumns;
        columnCount = header.length;
        rows.add(List.of(header));
    }

    /** @throws IllegalArgumentException if there are not as many cells as the header has */
    public Table row(String... cells) {
        if (cells.length != columnCount) {
            throw new IllegalArgumentException(cells.length + " cells in a table of " + columnCount + " columns");
        }
        rows.add(List.of(cells));
        return this;
    }

    @Override
    public String toString() {
        int[] widths = widths();
        StringBuilder text = new StringBuilder();
        appendRow(text, rows.getFirst(), widths);
        appendRule(text, widths);
        rows.stream().skip(1).forEach(row -> appendRow(text, row, widths));
        return text.toString();
    }

    private int[] widths() {
        int[] widths = new int[columnCount];
        for (List<String> row : rows) {
            for (int column = 0; column < columnCount; column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        return widths;
    }

    private void appendRow(StringBuilder text, List<String> row, int[] widths) {
        for (int column = 0; column < widths.length; column++) {
            String cell = row.get(column);
            String padding = " ".repeat(widths[column] - cell.length());
            text.append("| ")
                    .append(column < textColumns ? cell + padding : padding + cell)
                    .append(' ');
        }
        text.append("|\n");
    }

    private void appendRule(StringBuilder text, int[] widths) {
        for (int column = 0; column < widths.length; column++) {
            String dashes = "-".repeat(widths[column]);
            text.append("| ").append(column < textColumns ? dashes + " " : dashes + ":");
        }
        text.append("|\n");
    }
}
