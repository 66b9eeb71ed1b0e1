package dev.penstock.store.internal.format;

import java.util.OptionalLong;

/** Names of the files in a store's directory. Anything else in it is left alone. */
public final class FileNames {

    public static final String LOCK = "LOCK";
    public static final String LOG_SUFFIX = ".log";
    public static final String LARGE_VALUE_SUFFIX = ".value";
    /** A file that is being written and has not been renamed into place; swept when the store is opened. */
    public static final String TEMPORARY_SUFFIX = ".tmp";

    /** What a file system keeps in its topmost directory. */
    public static final String LOST_AND_FOUND = "lost+found";

    /** The directory in which a backup is made, inside the one that it is for. */
    public static final String BACKUP_PARTIAL = "BACKUP.partial";
    /** The same when the backup is complete and takes the place of the one before. */
    public static final String BACKUP_COMPLETE = "BACKUP.complete";

    private static final int FEWEST_DIGITS = 10;
    private static final int MOST_DIGITS = 18;

    private FileNames() {}

    public static String log(long number) {
        return segment(number, LOG_SUFFIX);
    }

    public static String largeValue(long number) {
        return segment(number, LARGE_VALUE_SUFFIX);
    }

    /**
     * Returns the number in the name of a segment with the given suffix. It is empty for any other name, also for one
     * that no number is written as: a number has ten digits, or more if it needs them.
     */
    public static OptionalLong segmentNumber(String name, String suffix) {
        int digitCount = name.length() - suffix.length();
        if (digitCount < FEWEST_DIGITS || digitCount > MOST_DIGITS || !name.endsWith(suffix)) {
            return OptionalLong.empty();
        }
        long number = 0;
        for (int i = 0; i < digitCount; i++) {
            char digit = name.charAt(i);
            if (digit < '0' || digit > '9') {
                return OptionalLong.empty();
            }
            number = 10 * number + digit - '0';
        }
        return number > 0 && name.equals(segment(number, suffix)) ? OptionalLong.of(number) : OptionalLong.empty();
    }

    /** Without a formatter, which would take longer to load than a small store takes to open. */
    private static String segment(long number, String suffix) {
        String digits = Long.toString(number);
        return "0".repeat(Math.max(0, FEWEST_DIGITS - digits.length())) + digits + suffix;
    }
}
