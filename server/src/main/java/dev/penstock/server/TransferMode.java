package dev.penstock.server;

import java.util.Locale;

/**
 * How the bytes of large values move between their files and the sockets; chosen for comparison, but for {@link #AUTO}.
 */
public enum TransferMode {
    /** Read into a buffer, written from it; what {@link #AUTO} does with values that come in. */
    COPY,
    /** Written from the mapped file, read into it: one copy. */
    MAPPED,
    /** Sent by {@code sendfile}: none. */
    SENDFILE,
    /**
     * Moved by {@code splice} through a pipe, in both directions. The JVM must be started with {@code --add-exports
     * java.base/sun.nio.ch=ALL-UNNAMED}, without which {@link #SENDFILE} takes its place.
     */
    SPLICE,
    /** Read past the page cache by threads of their own, a buffer ahead of what is sent. */
    DIRECT,
    /** By each stretch's residency and its value's size; the default. */
    AUTO;

    /** The name that settings use. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The mode of a name as settings have it, in any case.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public static TransferMode named(String name) {
        for (TransferMode mode : values()) {
            if (mode.name().equalsIgnoreCase(name)) {
                return mode;
            }
        }
        throw new IllegalArgumentException(
                "transfer-mode must be copy, mapped, sendfile, splice, direct or auto, not " + name);
    }
}
