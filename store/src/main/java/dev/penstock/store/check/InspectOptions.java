package dev.penstock.store.check;

/**
 * What {@link StoreInspector#details} collects.
 *
 * @param top number of largest values and of commonest prefixes: 0 to 1000
 * @param delimiter what the prefix of a key ends with; empty to count no prefixes
 * @param mapCells number of cells for the maps of all segments; 0 for no maps
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record InspectOptions(int top, byte[] delimiter, int mapCells) {

    /** The most values and prefixes that are listed. */
    public static final int MOST_TOP = 1000;

    /** Checks the numbers. */
    public InspectOptions {
        if (top < 0 || top > MOST_TOP || mapCells < 0) {
            throw new IllegalArgumentException("top must be 0 to " + MOST_TOP + ", not " + top);
        }
    }
}
