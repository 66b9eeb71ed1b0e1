package dev.penstock.store.internal.io;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How far the store goes without the system's own calls, by the system property {@value #PROPERTY}. It is read once.
 *
 * <p>The property forces what is otherwise chosen by probing, so that one system can show how the store works on
 * another. It never turns on what the system lacks.
 */
enum PortableMode {
    /** All that the system has: its own calls if there are any, and otherwise the JDK. */
    NOT_FORCED,
    /** The JDK alone. */
    FORCED,
    /** The JDK alone, and names by their paths, as on systems that keep no directory open. */
    FORCED_BY_PATH;

    static final String PROPERTY = "penstock.portable";

    private static final @Nullable String VALUE = System.getProperty(PROPERTY);

    /** The mode of this process. Anything unknown is taken for {@link #FORCED} until {@link #check} refuses it. */
    static final PortableMode OF_PROCESS = of(VALUE);

    static PortableMode of(@Nullable String value) {
        return switch (value == null ? "false" : value.toLowerCase(Locale.ROOT)) {
            case "false" -> NOT_FORCED;
            case "paths" -> FORCED_BY_PATH;
            default -> FORCED;
        };
    }

    boolean isForced() {
        return this != NOT_FORCED;
    }

    /** @throws IllegalArgumentException if the property has a value that means nothing */
    static void check() {
        check(VALUE);
    }

    static void check(@Nullable String value) {
        if (value != null && of(value) == FORCED && !value.equalsIgnoreCase("true")) {
            throw new IllegalArgumentException("the system property " + PROPERTY + " is '" + value
                    + "'; it can be 'true' (no system calls besides the JDK's), 'paths' (the same, and no open"
                    + " directories) or 'false'");
        }
    }
}
