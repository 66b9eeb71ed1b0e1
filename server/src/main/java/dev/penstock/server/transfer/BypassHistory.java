package dev.penstock.server.transfer;

/**
 * Large values that recently bypassed the page cache. A value of them that is requested again may enter the cache. All
 * others are kept out, so that a client that downloads many values once does not evict what others need. (This is the
 * rule of 2Q: the second request admits a value. Johnson and Shasha, VLDB 1994.)
 *
 * <p>Belongs to one event loop; not thread-safe.
 */
final class BypassHistory {

    /**
     * So many of at least 64 MiB each, by default, are some gigabytes: what passes more slowly would not last in the
     * cache.
     */
    private static final int REMEMBERED = 64;

    private final long[] sequences = new long[REMEMBERED];
    private final long[] offsets = new long[REMEMBERED];
    private int next;

    /**
     * Notes that a value is requested; whether it was before.
     *
     * @param sequence identifies the value
     * @param offset beginning of the requested part: a client that reads a value in parts requests each of them once
     */
    boolean isAskedForAgain(long sequence, long offset) {
        for (int i = 0; i < REMEMBERED; i++) {
            if (sequences[i] == sequence && offsets[i] == offset) {
                return true;
            }
        }
        sequences[next] = sequence;
        offsets[next] = offset;
        next = (next + 1) % REMEMBERED;
        return false;
    }
}
