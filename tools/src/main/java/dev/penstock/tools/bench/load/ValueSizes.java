package dev.penstock.tools.bench.load;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How long the values are: of one length ({@code 100}), evenly spread ({@code 64-4k}), or a list of both with weights
 * ({@code 100:90,64k:9,1m-8m:1}). Lengths are bytes, with k, m and g for powers of 1024. Immutable.
 */
public final class ValueSizes {

    private static final long MAX_LENGTH = 1L << 40;
    private static final Pattern PART =
            Pattern.compile("([0-9]{1,15})([kmg]?)(?:-([0-9]{1,15})([kmg]?))?(?::([0-9]{1,9}(?:\\.[0-9]{1,9})?))?");

    private final String text;
    private final List<Part> parts;
    private final double totalWeight;

    private record Part(long shortest, long longest, double weight) {}

    private ValueSizes(String text, List<Part> parts) {
        this.text = text;
        this.parts = List.copyOf(parts);
        this.totalWeight = parts.stream().mapToDouble(Part::weight).sum();
    }

    /** @throws IllegalArgumentException if the text is not of the form that is described above */
    public static ValueSizes parse(String text) {
        List<Part> parts = new ArrayList<>();
        for (String word : text.toLowerCase(Locale.ROOT).split(",", -1)) {
            Matcher part = PART.matcher(word);
            if (!part.matches()) {
                throw new IllegalArgumentException(
                        "'" + word + "' is no value size; sizes look like 100, 64-4k or 100:90,64k:9,1m:1");
            }
            long shortest = length(part.group(1), part.group(2));
            long longest = part.group(3) == null ? shortest : length(part.group(3), part.group(4));
            double weight = part.group(5) == null ? 1 : Double.parseDouble(part.group(5));
            if (longest < shortest) {
                throw new IllegalArgumentException("'" + word + "' ends below where it begins");
            }
            if (weight > 0) {
                parts.add(new Part(shortest, longest, weight));
            }
        }
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("the weights of '" + text + "' are all 0");
        }
        return new ValueSizes(text, parts);
    }

    private static long length(String digits, String unit) {
        long number = Long.parseLong(digits);
        int shift = switch (unit) {
            case "k" -> 10;
            case "m" -> 20;
            case "g" -> 30;
            default -> 0;
        };
        if (number > MAX_LENGTH >> shift) {
            throw new IllegalArgumentException("'" + digits + unit + "' is more than 1 TiB");
        }
        return number << shift;
    }

    /** The length of the next value, in bytes. */
    long next(RandomGenerator random) {
        Part part = choose(random);
        return part.shortest == part.longest ? part.shortest : random.nextLong(part.shortest, part.longest + 1);
    }

    private Part choose(RandomGenerator random) {
        if (parts.size() > 1) {
            double point = random.nextDouble() * totalWeight;
            for (Part part : parts) {
                point -= part.weight;
                if (point < 0) {
                    return part;
                }
            }
        }
        return parts.getLast();
    }

    /** The mean length, in bytes. */
    double mean() {
        double sum = 0;
        for (Part part : parts) {
            sum += part.weight / totalWeight * ((double) part.shortest + part.longest) / 2;
        }
        return sum;
    }

    @Override
    public String toString() {
        return text;
    }
}
