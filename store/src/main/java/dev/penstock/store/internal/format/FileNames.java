package dev.penstock.store.internal.format;

import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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

    private static final Pattern SEGMENT = Pattern.compile("([0-9]{10,18})\\.(log|value)");

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
        Matcher matcher = SEGMENT.matcher(name);
        if (!matcher.matches() || !name.endsWith(suffix)) {
            return OptionalLong.empty();
        }
        long number = Long.parseLong(matcher.group(1));
        return number > 0 && name.equals(segment(number, suffix)) ? OptionalLong.of(number) : OptionalLong.empty();
    }

    private static String segment(long number, String suffix) {
        return String.format(Locale.ROOT, "%010d%s", number, suffix);
    }
}
