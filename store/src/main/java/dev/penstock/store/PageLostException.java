package dev.penstock.store;

import org.jspecify.annotations.Nullable;

/**
 * The system could not supply a page of a file of the store: something made the file shorter than what was stored in
 * it, or its device fails. What lies on that page cannot be read; everything else can be, and the store goes on taking
 * writes. Restore the file from a backup; {@code penstock verify} lists all damage.
 */
public final class PageLostException extends StoreException {

    private static final long serialVersionUID = 1L;

    private final String file;
    private final long offset;

    /**
     * @param file name of the file inside the store's directory
     * @param offset offset in bytes from the start of the file, of the first page that is missing or of a place near it
     * @param problem what is wrong there, as a clause
     */
    public PageLostException(String file, long offset, String problem, @Nullable Throwable cause) {
        super(file + " at offset " + offset + ": " + problem, cause);
        this.file = file;
        this.offset = offset;
    }

    /** Name of the file inside the store's directory. */
    public String file() {
        return file;
    }

    /** Offset in bytes from the start of the file: of the first page that is missing, or of a place near it. */
    public long offset() {
        return offset;
    }
}
