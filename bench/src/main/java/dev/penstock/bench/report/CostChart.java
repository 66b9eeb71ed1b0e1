package dev.penstock.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleBinaryOperator;
import java.util.function.IntFunction;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * A chart of cost against length, both on logarithmic scales, as an SVG that needs nothing else. Each line has its name
 * at its right end, moved apart where lines end close together.
 */
public final class CostChart {

    private static final int WIDTH = 980;
    private static final int HEIGHT = 560;
    private static final int LEFT = 70;
    private static final int RIGHT = 270;
    private static final int TOP = 50;
    private static final int BOTTOM = 60;
    private static final int NAME_HEIGHT = 17;

    private record Line(String name, String colour, List<Double> costs) {}

    private final String title;
    private final List<Integer> lengths;
    private final IntFunction<String> lengthName;
    private final List<Line> lines = new ArrayList<>();

    /** @param lengthName how a length is written below its place on the axis */
    public CostChart(String title, List<Integer> lengths, IntFunction<String> lengthName) {
        this.title = title;
        this.lengths = lengths;
        this.lengthName = lengthName;
    }

    /**
     * @param colour as SVG writes it
     * @param cost of each length; NaN where there is none
     */
    public void line(String name, String colour, IntToDoubleFunction cost) {
        lines.add(
                new Line(name, colour, lengths.stream().map(cost::applyAsDouble).toList()));
    }

    public String svg() {
        double lowest = costs(Math::min, Double.POSITIVE_INFINITY);
        double highest = costs(Math::max, 0);
        int firstPower = (int) Math.floor(Math.log10(lowest));
        int lastPower = (int) Math.ceil(Math.log10(highest));
        StringBuilder svg = new StringBuilder();
        svg.append("""
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="13">
                <rect width="100%%" height="100%%" fill="#ffffff"/>
                <text x="%d" y="26" font-size="17" fill="#17202a">%s</text>
                <text x="%d" y="%d" fill="#17202a">length of a value</text>
                <text x="16" y="%d" fill="#17202a" transform="rotate(-90 16 %d)">\
                server CPU ms per GiB, lower is better</text>
                """.formatted(
                        WIDTH,
                        HEIGHT,
                        LEFT,
                        title,
                        (LEFT + WIDTH - RIGHT) / 2 - 50,
                        HEIGHT - 12,
                        HEIGHT / 2 + 100,
                        HEIGHT / 2 + 100));
        grid(svg, firstPower, lastPower);
        List<Double> ends = new ArrayList<>();
        for (Line line : lines) {
            ends.add(draw(svg, line, firstPower, lastPower));
        }
        names(svg, ends);
        return svg.append("</svg>\n").toString();
    }

    private double costs(DoubleBinaryOperator choose, double start) {
        return lines.stream()
                .flatMap(line -> line.costs.stream())
                .filter(cost -> Double.isFinite(cost) && cost > 0)
                .reduce(start, choose::applyAsDouble);
    }

    private void grid(StringBuilder svg, int firstPower, int lastPower) {
        for (int power = firstPower; power <= lastPower; power++) {
            for (int factor : power == lastPower ? new int[] {1} : new int[] {1, 2, 5}) {
                double cost = factor * Math.pow(10, power);
                double y = y(cost, firstPower, lastPower);
                svg.append(String.format(
                        Locale.ROOT,
                        "<path d='M%d %.1f H%d' stroke='%s'/>%n",
                        LEFT,
                        y,
                        WIDTH - RIGHT,
                        factor == 1 ? "#c8cdd2" : "#eceff1"));
                svg.append(String.format(
                        Locale.ROOT,
                        "<text x='%d' y='%.1f' text-anchor='end' fill='#4a5560'>%s</text>%n",
                        LEFT - 8,
                        y + 4,
                        cost >= 1 ? String.format(Locale.ROOT, "%.0f", cost) : Double.toString(cost)));
            }
        }
        for (int i = 0; i < lengths.size(); i++) {
            svg.append(String.format(
                    Locale.ROOT, "<path d='M%.1f %d V%d' stroke='#eceff1'/>%n", x(i), TOP, HEIGHT - BOTTOM));
            svg.append(String.format(
                    Locale.ROOT,
                    "<text x='%.1f' y='%d' text-anchor='middle' fill='#4a5560'>%s</text>%n",
                    x(i),
                    HEIGHT - BOTTOM + 20,
                    lengthName.apply(lengths.get(i))));
        }
    }

    /** Returns the height of the line's end. */
    private double draw(StringBuilder svg, Line line, int firstPower, int lastPower) {
        StringBuilder path = new StringBuilder();
        String colour = line.colour;
        String dashes = line.name.startsWith("naive") ? " stroke-dasharray='5 4'" : "";
        double y = HEIGHT - BOTTOM;
        for (int i = 0; i < lengths.size(); i++) {
            double cost = line.costs.get(i);
            if (Double.isFinite(cost) && cost > 0) {
                y = y(cost, firstPower, lastPower);
                path.append(String.format(Locale.ROOT, "%s%.1f %.1f ", path.isEmpty() ? "M" : "L", x(i), y));
                svg.append(String.format(
                        Locale.ROOT, "<circle cx='%.1f' cy='%.1f' r='2.5' fill='%s'/>%n", x(i), y, colour));
            }
        }
        svg.append(String.format(
                Locale.ROOT, "<path d='%s' fill='none' stroke='%s' stroke-width='2'%s/>%n", path, colour, dashes));
        return y;
    }

    private void names(StringBuilder svg, List<Double> ends) {
        List<Integer> order = IntStream.range(0, lines.size())
                .boxed()
                .sorted((a, b) -> Double.compare(ends.get(a), ends.get(b)))
                .toList();
        double lowestFree = TOP;
        double x = x(lengths.size() - 1);
        for (int place = 0; place < order.size(); place++) {
            int index = order.get(place);
            double room = HEIGHT - BOTTOM - (double) (order.size() - 1 - place) * NAME_HEIGHT;
            double y = Math.min(Math.max(ends.get(index), lowestFree), room);
            lowestFree = y + NAME_HEIGHT;
            Line line = lines.get(index);
            svg.append(String.format(
                    Locale.ROOT,
                    "<path d='M%.1f %.1f L%.1f %.1f' stroke='%s' stroke-width='.8'/>%n",
                    x + 3,
                    ends.get(index),
                    x + 26,
                    y,
                    line.colour));
            svg.append(String.format(
                    Locale.ROOT,
                    "<text x='%.1f' y='%.1f' fill='%s'>%s</text>%n",
                    x + 30,
                    y + 4,
                    line.colour,
                    line.name));
        }
    }

    private double x(int index) {
        return LEFT + 15 + (WIDTH - RIGHT - LEFT - 30.0) * index / Math.max(1, lengths.size() - 1);
    }

    private static double y(double cost, int firstPower, int lastPower) {
        double share = (Math.log10(cost) - firstPower) / (lastPower - firstPower);
        return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP);
    }
}
