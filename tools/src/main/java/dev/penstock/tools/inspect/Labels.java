package dev.penstock.tools.inspect;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.store.check.Histogram;
import dev.penstock.tools.text.KeyText;
import dev.penstock.tools.text.Size;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Names for quantities, as people read them. */
final class Labels {

    private static final int MOST_KEY_LENGTH = 200;

    private static final long SECOND = 1000;
    private static final long HOUR = 3600 * SECOND;
    private static final long DAY = 24 * HOUR;

    /** What the buckets of times to live begin with. */
    static final long[] TTL_BOUNDS = {
        0, 10 * SECOND, 60 * SECOND, 600 * SECOND, HOUR, 6 * HOUR, DAY, 7 * DAY, 30 * DAY, 365 * DAY
    };

    private Labels() {}

    /** A path in one line, whatever bytes its name has. */
    static String path(Path path) {
        return KeyText.escape(path.toAbsolutePath().normalize().toString().getBytes(UTF_8));
    }

    /** A key in one line, cut if it is very long. */
    static String key(byte[] key) {
        String escaped = KeyText.escape(key);
        return escaped.length() <= MOST_KEY_LENGTH ? escaped : escaped.substring(0, MOST_KEY_LENGTH) + "...";
    }

    /** The range of a bucket of bytes: "0 B", "64 B - 127 B". */
    static String bytes(List<Histogram.Bucket> buckets, int index) {
        long from = buckets.get(index).from();
        return from <= 1 ? Size.of(from) : Size.of(from) + " - " + Size.of(from < 1024 ? 2 * from - 1 : 2 * from);
    }

    /** The range of a bucket of writes: "0", "10 - 99". */
    static String writes(List<Histogram.Bucket> buckets, int index) {
        long from = buckets.get(index).from();
        return from == 0 ? "0" : from + " - " + (10 * from - 1);
    }

    /** The range of a bucket of milliseconds: "expired", "up to 1 h", "more than 365 d". */
    static String time(List<Histogram.Bucket> buckets, int index, long[] bounds) {
        long from = buckets.get(index).from();
        if (from < 0) {
            return "expired";
        }
        for (long bound : bounds) {
            if (bound > from) {
                return "up to " + duration(bound);
            }
        }
        return "more than " + duration(from);
    }

    /** A duration in one unit. */
    static String duration(long millis) {
        if (millis < 1000) {
            return millis + " ms";
        }
        if (millis < 60_000) {
            return String.format(Locale.ROOT, "%.1f s", millis / 1000.0).replace(".0 s", " s");
        }
        if (millis < 3_600_000) {
            return millis / 60_000 + " min";
        }
        return millis < 86_400_000 ? millis / 3_600_000 + " h" : millis / 86_400_000 + " d";
    }
}
