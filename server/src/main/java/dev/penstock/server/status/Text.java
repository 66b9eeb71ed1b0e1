package dev.penstock.server.status;

import java.util.Locale;

/** Numbers as people read them, and text as HTML takes it. */
final class Text {

    private static final String BYTE_UNITS = "KMGTPE";

    private Text() {}

    static String number(long n) {
        return String.format(Locale.ROOT, "%,d", n).replace(',', '\u202f');
    }

    static String bytes(long n) {
        if (Math.abs(n) < 1024) {
            return n + " B";
        }
        double scaled = n / 1024.0;
        int unit = 0;
        while (Math.abs(scaled) >= 1024) {
            scaled /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, scaled < 10 ? "%.2f" : "%.1f", scaled) + " " + BYTE_UNITS.charAt(unit) + "iB";
    }

    static String seconds(double n) {
        if (n < 0.001) {
            return Math.round(n * 1e6) + " \u00b5s";
        }
        return n < 1 ? String.format(Locale.ROOT, "%.1f ms", n * 1e3) : String.format(Locale.ROOT, "%.1f s", n);
    }

    static String duration(long seconds) {
        if (seconds < 60) {
            return seconds + " s";
        }
        if (seconds < 3600) {
            return seconds / 60 + " min";
        }
        return seconds < 86_400 ? seconds / 3600 + " h " + seconds / 60 % 60 + " min" : seconds / 86_400 + " d";
    }

    /** Safe between tags and in quoted attributes; what cannot be seen becomes a visible mark. */
    static String escaped(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.append(Character.isISOControl(c) ? '\ufffd' : c);
            }
        }
        return escaped.toString();
    }
}
