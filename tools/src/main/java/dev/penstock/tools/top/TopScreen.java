package dev.penstock.tools.top;

import dev.penstock.tools.top.TopFrame.TopFigure;
import dev.penstock.tools.top.TopFrame.TopSection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Lays a frame out as lines of text that fit a terminal. Whatever clients call themselves or send, no line holds a
 * control character or is longer than the terminal is wide. Immutable.
 *
 * @param columns width; lines are cut there
 * @param rows height; 0 for no limit
 * @param sort the column by which tables are sorted, counted from 0; tables with fewer keep their order. -1 sorts none
 * @param footer the last line, empty for none
 */
public record TopScreen(int columns, int rows, int sort, String footer) {

    private static final int NAME_WIDTH = 11;
    private static final String GAP = "   ";
    private static final int MAX_CELL = 40;

    /** The lines, without line ends. */
    public List<String> lines(TopFrame frame) {
        List<String> lines = new ArrayList<>();
        lines.add(frame.title());
        frame.sections().forEach(section -> addSection(lines, section));
        int limit = rows == 0 ? Integer.MAX_VALUE : Math.max(1, rows - (footer.isEmpty() ? 0 : 1));
        addTables(lines, frame.tables(), limit);
        List<String> fitting = new ArrayList<>();
        for (String line : lines.subList(0, Math.min(lines.size(), limit))) {
            fitting.add(fit(line));
        }
        if (!footer.isEmpty() && rows != 1) {
            while (rows > 0 && fitting.size() < limit) {
                fitting.add("");
            }
            fitting.add(fit(footer));
        }
        return fitting;
    }

    private void addSection(List<String> lines, TopSection section) {
        StringBuilder line = new StringBuilder(pad(section.name(), NAME_WIDTH, false));
        for (TopFigure figure : section.figures()) {
            String text = figure.label().isEmpty() ? figure.text() : figure.label() + " " + figure.text();
            if (line.length() > NAME_WIDTH && line.length() + text.length() > columns) {
                lines.add(line.toString().stripTrailing());
                line = new StringBuilder(" ".repeat(NAME_WIDTH));
            }
            line.append(text).append(GAP);
        }
        lines.add(line.toString().stripTrailing());
    }

    /** Tables share the rows that are left: one that needs fewer leaves them to the next. */
    private void addTables(List<String> lines, List<TopTable> tables, int limit) {
        List<TopTable> filled =
                tables.stream().filter(table -> !table.rows().isEmpty()).toList();
        for (int i = 0; i < filled.size(); i++) {
            // An empty line and a heading come before the rows.
            int share = (limit - lines.size()) / (filled.size() - i) - 2;
            if (share >= 1) {
                addTable(lines, filled.get(i), share);
            }
        }
    }

    private void addTable(List<String> lines, TopTable table, int limit) {
        List<List<String>> shown = sorted(table).stream()
                .limit(limit)
                .map(row -> row.stream().map(TopScreen::clean).toList())
                .toList();
        int last = table.columns().size() - 1;
        StringBuilder heading = new StringBuilder();
        StringBuilder[] texts = new StringBuilder[shown.size()];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = new StringBuilder();
        }
        for (int column = 0; column <= last; column++) {
            boolean right = table.columns().get(column).startsWith(">");
            String title = table.columns().get(column).replace(">", "").toUpperCase(Locale.ROOT);
            int width = title.length();
            for (List<String> row : shown) {
                width = Math.max(width, Math.min(row.get(column).length(), MAX_CELL));
            }
            String gap = column == last ? "" : "  ";
            heading.append(pad(title, width, right)).append(gap);
            for (int i = 0; i < texts.length; i++) {
                String cell = shown.get(i).get(column);
                boolean cut = column < last && cell.length() > MAX_CELL;
                texts[i].append(pad(cut ? cell.substring(0, MAX_CELL) : cell, width, right))
                        .append(gap);
            }
        }
        lines.add("");
        lines.add(heading.toString().stripTrailing());
        for (StringBuilder text : texts) {
            lines.add(text.toString().stripTrailing());
        }
    }

    private List<List<String>> sorted(TopTable table) {
        if (sort < 0 || sort >= table.columns().size()) {
            return table.rows();
        }
        boolean numbers = table.columns().get(sort).startsWith(">");
        Comparator<List<String>> order = numbers
                ? Comparator.<List<String>>comparingDouble(row -> magnitude(row.get(sort)))
                        .reversed()
                : Comparator.comparing(row -> row.get(sort));
        return table.rows().stream().sorted(order).toList();
    }

    /** The number that a cell such as "1,234", "1.5 MiB", "3:07:09" or "12 s" stands for. */
    static double magnitude(String cell) {
        String text = cell.replace(",", "").replace(" ago", "");
        double days = 0;
        int dayMark = text.indexOf(" d ");
        if (dayMark > 0) {
            days = Double.parseDouble(text.substring(0, dayMark));
            text = text.substring(dayMark + 3);
        }
        if (text.contains(":")) {
            double seconds = 0;
            for (String part : text.split(":", -1)) {
                seconds = 60 * seconds + Double.parseDouble(part);
            }
            return 86_400 * days + seconds;
        }
        int space = text.indexOf(' ');
        double number = Double.parseDouble(space < 0 ? text : text.substring(0, space));
        int unit = text.endsWith("iB") ? " KMGTPE".indexOf(text.charAt(text.length() - 3)) : 0;
        return number * Math.pow(1024, Math.max(0, unit));
    }

    private static String pad(String text, int width, boolean right) {
        String space = " ".repeat(Math.max(0, width - text.length()));
        return right ? space + text : text + space;
    }

    private String fit(String line) {
        String clean = clean(line);
        return clean.length() <= columns ? clean : clean.substring(0, columns);
    }

    /** Without what a terminal would take for a command, and with one column for each character. */
    private static String clean(String text) {
        StringBuilder clean = new StringBuilder(text.length());
        text.codePoints().forEach(point -> clean.append(point >= ' ' && point < 0x7f ? (char) point : '?'));
        return clean.toString();
    }
}
