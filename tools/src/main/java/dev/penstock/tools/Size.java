package dev.penstock.tools;

import java.util.Locale;

/** Sizes for people. */
final class Size {

    private static final String UNITS = "KMGTPE";

    private Size() {}

    /** Such as "12 B", "1.5 MiB". */
    static String of(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        int unit = (63 - Long.numberOfLeadingZeros(bytes)) / 10;
        double scaled = (double) bytes / (1L << (10 * unit));
        return String.format(Locale.ROOT, "%.1f %siB", scaled, UNITS.charAt(unit - 1));
    }
}
