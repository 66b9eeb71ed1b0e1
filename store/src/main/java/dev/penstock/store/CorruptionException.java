package dev.penstock.store;

/**
 * A file of the store does not hold what was written to it: a checksum that does not match, an impossible length, a
 * file that is shorter than what was stored in it. Nothing was changed. {@code penstock verify} lists all damage.
 */
public final class CorruptionException extends StoreException {

    private static final long serialVersionUID = 1L;

    private final String file;
    private final long offset;

    /**
     * @param file name of the damaged file inside the store's directory
     * @param offset offset in bytes from the start of that file
     * @param problem what is wrong there, as a clause
     */
    public CorruptionException(String file, long offset, String problem) {
        super(file + " at offset " + offset + ": " + problem);
        this.file = file;
        this.offset = offset;
    }

    /** Name of the damaged file inside the store's directory. */
    public String file() {
        return file;
    }

    /** Offset of the damage in bytes from the start of the file. */
    public long offset() {
        return offset;
    }
}
