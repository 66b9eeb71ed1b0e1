package dev.penstock.tools.load;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What an import leaves out because a store has nothing like it: lists, hashes, keys that are too long. All of it is
 * counted by reason and passed on by name. One thread.
 */
public final class Omissions {

    /** Takes what is left out, one after the other. */
    @FunctionalInterface
    public interface Listener {

        /**
         * Something is left out.
         *
         * @param reason what it is, such as "hash"
         * @param key its key; null if it has none
         * @param count how many with this reason there are now
         */
        void omitted(String reason, byte @Nullable [] key, long count) throws IOException;
    }

    private final Listener listener;
    private final Map<String, Long> counts = new TreeMap<>();

    public Omissions(Listener listener) {
        this.listener = listener;
    }

    /** Counts something that is left out. */
    public void add(String reason, byte @Nullable [] key) throws IOException {
        listener.omitted(reason, key, counts.merge(reason, 1L, Long::sum));
    }

    /** How many there are of each reason. */
    public Map<String, Long> counts() {
        return new TreeMap<>(counts);
    }
}
