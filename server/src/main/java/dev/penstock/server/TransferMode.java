package dev.penstock.server;

import java.util.Locale;

/**
 * How large values move between files and sockets. {@link #AUTO} suits every server; the other modes exist for
 * comparison.
 */
public enum TransferMode {
    /** Copies through a buffer in memory. {@link #AUTO} receives values in this way. */
    COPY,
    /** Sends from the mapped file and receives into it: one copy. */
    MAPPED,
    /** Sends by {@code sendfile}, without a copy. Receives as {@link #COPY} does. */
    SENDFILE,
    /**
     * Sends and receives by {@code splice} through a pipe. The JVM must be started with {@code --add-exports
     * java.base/sun.nio.ch=ALL-UNNAMED}; otherwise the server uses {@link #SENDFILE}.
     */
    SPLICE,
    /** Sends from buffers that other threads read past the page cache. Receives as {@link #COPY} does. */
    DIRECT,
    /** Chooses for each piece of a value, by its length and by what is in memory. The default. */
    AUTO;

    /** {@return the name in lower case, as settings use it} */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Returns the mode with a name.
     *
     * @param name the name, in any case
     * @return the mode
     * @throws IllegalArgumentException if no mode has this name
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
