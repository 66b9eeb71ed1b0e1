package dev.penstock.tools.load;

import dev.penstock.tools.text.KeyText;
import org.jspecify.annotations.Nullable;

/** Input that is no entry; the message says where it is and what is wrong with it. */
public final class BadEntryException extends Exception {

    private static final long serialVersionUID = 1L;

    private final boolean last;

    private BadEntryException(String message, @Nullable Throwable cause, boolean last) {
        super(message, cause);
        this.last = last;
    }

    /** Of input whose next entry can be found all the same. */
    static BadEntryException ofLine(long line, String problem, @Nullable Throwable cause) {
        return new BadEntryException("line " + line + ": " + problem, cause, false);
    }

    /** Of input that cannot be read any further. */
    public static BadEntryException last(String place, String problem, @Nullable Throwable cause) {
        return new BadEntryException(place + ": " + problem, cause, true);
    }

    /** Of an entry of a source that names its entries by their keys. */
    static BadEntryException ofKey(byte[] key, String problem, @Nullable Throwable cause) {
        return new BadEntryException("key '" + KeyText.escape(key) + "': " + problem, cause, false);
    }

    /** Whether nothing more can be read. */
    public boolean isLast() {
        return last;
    }
}
