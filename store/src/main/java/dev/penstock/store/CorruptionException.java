package dev.penstock.store;

/**
 * A file of the store is damaged: a checksum does not match, a length is impossible, or the file is truncated. Nothing
 * was changed. {@code penstock verify} lists all damage.
 */
public final class CorruptionException extends StoreException {

    private static final long serialVersionUID = 1L;

    /** The damaged file. */
    private final String file;
    /** Where the damage is in it. */
    private final long offset;

    /**
     * Creates an exception for a damaged file.
     *
     * @param file name of the damaged file inside the store's directory
     * @param offset offset in bytes from the start of that file
     * @param problem what is wrong there, as a clause
     */
    public CorruptionException(String file, long offset, String problem) {
        super(file + " at offset " + offset + ": " + problem);
        this.file = file;
        this.offset = offset;
    }

    /** {@return the name of the damaged file inside the store's directory} */
    public String file() {
        return file;
    }

    /** {@return the offset of the damage in bytes from the start of the file} */
    public long offset() {
        return offset;
    }
}
