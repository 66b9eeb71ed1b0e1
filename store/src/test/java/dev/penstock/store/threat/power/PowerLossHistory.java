package dev.penstock.store.threat.power;

import dev.penstock.store.Entry;
import dev.penstock.store.Expiries;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Every state that a store has been in, one for each write: what its keys had after it, and behind them its mark. The
 * last may be that of a write under way.
 *
 * <p>One thread.
 */
public final class PowerLossHistory {

    /** The state of a directory in which no store was made yet. */
    static final int NO_STORE = -1;

    /** What a key has; null stands for nothing. */
    public record Entry(MemorySegment value, long expiryMillis) {

        Entry(byte[] value, long expiryMillis) {
            this(MemorySegment.ofArray(value), expiryMillis);
        }

        boolean isThere(long nowMillis) {
            return expiryMillis == Expiries.NO_EXPIRY || expiryMillis > nowMillis;
        }

        boolean isLike(Entry other) {
            return expiryMillis == other.expiryMillis
                    && value.byteSize() == other.value.byteSize()
                    && value.mismatch(other.value) < 0;
        }

        @Override
        public String toString() {
            return value.byteSize() + " bytes" + (expiryMillis == Expiries.NO_EXPIRY ? "" : " until " + expiryMillis);
        }
    }

    private final int keyCount;
    private final List<Entry[]> states = new ArrayList<>();
    private int acknowledged = NO_STORE;
    private int durable = NO_STORE;

    PowerLossHistory(int keyCount) {
        this.keyCount = keyCount;
        states.add(new Entry[keyCount + 1]);
    }

    /** A write begins that sets one key, to null to remove it. */
    void begin(int key, Entry entry) {
        Entry[] next = latest().clone();
        next[key] = entry;
        begin(next);
    }

    /** A write begins after which the keys have these entries. */
    void begin(Entry[] entries) {
        states.add(entries);
    }

    /** A write begins that removes every key. */
    void beginClear() {
        Entry[] next = new Entry[keyCount + 1];
        next[keyCount] = latest()[keyCount];
        begin(next);
    }

    /** The write has returned. */
    void acknowledge() {
        acknowledged = states.size() - 1;
    }

    /** All that has returned is on the device, or so the store says. */
    void forced() {
        durable = acknowledged;
    }

    /** A recovery found this state, and what came after it has never been. */
    void goOnFrom(int state, boolean onDevice) {
        states.subList(Math.max(state, 0) + 1, states.size()).clear();
        acknowledged = state;
        durable = onDevice ? state : Math.min(durable, state);
    }

    Entry[] latest() {
        return states.getLast();
    }

    Entry[] state(int number) {
        return states.get(number);
    }

    int count() {
        return states.size();
    }

    int acknowledged() {
        return acknowledged;
    }

    int durable() {
        return durable;
    }

    /**
     * The newest state, not older than the one given, in which the keys have exactly these entries.
     *
     * @param nowMillis what has expired by then is nothing
     * @throws AssertionError if there is none
     */
    int find(Entry[] found, int oldest, long nowMillis) {
        int first = Math.max(0, oldest);
        for (int state = states.size() - 1; state >= first; state--) {
            if (matches(found, states.get(state), nowMillis)) {
                return state;
            }
        }
        throw new AssertionError("no state from " + first + " to " + (states.size() - 1) + " is the one found:"
                + describe(found, first, nowMillis));
    }

    private static boolean matches(Entry[] found, Entry[] state, long nowMillis) {
        for (int key = 0; key < state.length; key++) {
            if (!matches(found[key], state[key], nowMillis)) {
                return false;
            }
        }
        return true;
    }

    private static boolean matches(Entry found, Entry expected, long nowMillis) {
        boolean isThere = found != null && found.isThere(nowMillis);
        boolean shouldBe = expected != null && expected.isThere(nowMillis);
        return isThere && shouldBe ? found.isLike(expected) : isThere == shouldBe;
    }

    private String describe(Entry[] found, int oldest, long nowMillis) {
        StringBuilder text = new StringBuilder();
        for (int key = 0; key <= keyCount; key++) {
            List<Integer> origins = new ArrayList<>();
            for (int state = 0; state < states.size(); state++) {
                if (matches(found[key], states.get(state)[key], nowMillis)) {
                    origins.add(state);
                }
            }
            text.append("\n  ")
                    .append(key == keyCount ? "mark" : "key " + key)
                    .append(": ")
                    .append(found[key]);
            text.append(origins.isEmpty() ? ", never written" : ", as in states " + origins);
            text.append("; state ").append(oldest).append(" has ").append(states.get(oldest)[key]);
        }
        return text.toString();
    }
}
