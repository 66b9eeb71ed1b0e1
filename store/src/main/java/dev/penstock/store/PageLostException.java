package dev.penstock.store;

import org.jspecify.annotations.Nullable;

/**
 * The system could not supply a page of a file of the store: something truncated the file, or its device fails. The
 * bytes on that page cannot be read. Everything else can be, and the store continues to accept writes. Restore the
 * store from a backup; {@code penstock verify} lists all damage.
 */
public final class PageLostException extends StoreException {

    private static final long serialVersionUID = 1L;

    /** The file with the missing page. */
    private final String file;
    /** Where the page is missing, or near it. */
    private final long offset;

    /**
     * Creates an exception for a page that the system could not supply.
     *
     * @param file name of the file inside the store's directory
     * @param offset offset in bytes from the start of the file, of the first missing page or of a place near it
     * @param problem what is wrong there, as a clause
     * @param cause the error of the JVM; null if there is none
     */
    public PageLostException(String file, long offset, String problem, @Nullable Throwable cause) {
        super(file + " at offset " + offset + ": " + problem, cause);
        this.file = file;
        this.offset = offset;
    }

    /** {@return the name of the file inside the store's directory} */
    public String file() {
        return file;
    }

    /** {@return the offset in bytes from the start of the file, of the first missing page or of a place near it} */
    public long offset() {
        return offset;
    }
}
