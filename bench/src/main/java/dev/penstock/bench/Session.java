package dev.penstock.bench;

/**
 * One thread's way into a {@link Contender}. A key comes as two words, and the session brings it into whatever form its
 * engine takes best, so that no engine pays for another's favourite buffer class. Not thread-safe.
 */
interface Session extends AutoCloseable {

    /** What {@link #get} returns for a key that is not there. */
    long ABSENT = 0;

    /**
     * Looks a key up and reads the first and the last eight bytes of its value in place, where the engine lets the
     * caller see the value in place.
     *
     * @return the two words XORed, which is {@link Keys#signature} of the stamp; or {@link #ABSENT}
     */
    long get(long keyHigh, long keyLow);

    /** Writes the value with this stamp, whether the key is there or not. */
    void put(long keyHigh, long keyLow, long stamp);

    /** Makes every put so far visible to this session's next {@link #get}, and to sessions made from now on. */
    void settle();

    @Override
    void close();

    /** Puts the keys numbered 0 to {@code count - 1}, stamped with their number plus one, and settles. */
    static void load(Contender contender, long count) {
        try (Session session = contender.session()) {
            for (long n = 0; n < count; n++) {
                session.put(Keys.high(n), Keys.low(n), n + 1);
            }
            session.settle();
        }
    }
}
