package dev.penstock.server.transfer;

import java.util.List;
import java.util.Locale;

/** How the bytes of large values move between their files and the sockets. */
public enum Mode {
    /** Read into a buffer, written from it: what a server does that knows nothing better. */
    COPY,
    /** Written from the mapped file. */
    MAPPED,
    /** By {@code sendfile}. */
    SENDFILE,
    /** By {@code splice} through a pipe. */
    SPLICE,
    /** Read past the page cache by threads of its own, a buffer ahead of what is sent. */
    DIRECT,
    /** Whichever suits a stretch's residency and its value's size; never what bytes are counted as. */
    AUTO;

    /** What bytes that were sent are counted as. */
    public static final List<Mode> WAYS_OUT = List.of(COPY, MAPPED, SENDFILE, SPLICE, DIRECT);

    /** What bytes that were received are counted as: the other modes write to the mapped file then. */
    public static final List<Mode> WAYS_IN = List.of(COPY, MAPPED, SPLICE);

    /** The name that settings use. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The mode of that name in any case, or null. */
    public static Mode named(String name) {
        for (Mode mode : values()) {
            if (mode.label().equals(name.toLowerCase(Locale.ROOT))) {
                return mode;
            }
        }
        return null;
    }
}
