package dev.penstock.tools.text;

import java.util.Locale;

/** Sizes and numbers for people. */
public final class Size {

    private static final String UNITS = "KMGTPE";

    private Size() {}

    /** Such as "1 entry", "2 entries". */
    public static String count(long number, String one, String many) {
        return number + " " + (number == 1 ? one : many);
    }

    /** Such as "12 B", "1.5 MiB". */
    public static String of(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        int unit = (63 - Long.numberOfLeadingZeros(bytes)) / 10;
        double scaled = (double) bytes / (1L << (10 * unit));
        return String.format(Locale.ROOT, "%.1f %siB", scaled, UNITS.charAt(unit - 1));
    }
}
