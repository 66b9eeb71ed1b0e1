package dev.penstock.bench.engine;

/**
 * One thread's way into a {@link Contender}. A key comes as two words, and the session brings it into whatever form its
 * engine takes best, so that no engine pays for another's favourite buffer class. Not thread-safe.
 */
public interface ContenderSession extends AutoCloseable {

    /** What {@link #get} returns for a key that is not there. */
    long ABSENT = 0;

    /** What a loaded key is stamped with beyond its number. */
    long LOADED = 1;

    /**
     * Looks a key up and reads the first and the last eight bytes of its value in place, where the engine lets the
     * caller see the value in place.
     *
     * @return the two words XORed, which is {@link Dataset#signature} of the stamp; or {@link #ABSENT}
     */
    long get(long keyHigh, long keyLow);

    /** Writes the value with this stamp, whether the key is there or not. */
    void put(long keyHigh, long keyLow, long stamp);

    /**
     * Looks up the keys with these numbers: together where the engine knows how, otherwise one after the other.
     *
     * @return what {@link #get} returns for each of them, XORed
     */
    default long getAll(long[] numbers) {
        long seen = 0;
        for (long n : numbers) {
            seen ^= get(Dataset.high(n), Dataset.low(n));
        }
        return seen;
    }

    /**
     * Writes the keys with these numbers as one batch, if the engine has such a thing, stamped with number and offset.
     */
    default void putAll(long[] numbers, long stampOffset) {
        for (long n : numbers) {
            put(Dataset.high(n), Dataset.low(n), n + stampOffset);
        }
    }

    /** Makes every put so far visible to this session's next {@link #get}, and to sessions made from now on. */
    void settle();

    @Override
    void close();

    /**
     * Puts the keys numbered 0 to {@code count - 1} one by one, stamped with number plus {@link #LOADED}, and settles.
     */
    static void load(Contender contender, long count) {
        try (ContenderSession session = contender.session()) {
            for (long n = 0; n < count; n++) {
                session.put(Dataset.high(n), Dataset.low(n), n + LOADED);
            }
            session.settle();
        }
    }

    /** The same in batches; the last one may reach a little beyond. */
    static void load(Contender contender, long count, int batch) {
        try (ContenderSession session = contender.session()) {
            long[] numbers = new long[batch];
            for (long n = 0; n < count; ) {
                for (int i = 0; i < batch; i++) {
                    numbers[i] = n++;
                }
                session.putAll(numbers, LOADED);
            }
            session.settle();
        }
    }
}
