package dev.penstock.tools.exchange;

import dev.penstock.store.Store;
import dev.penstock.tools.load.ByteSink;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Gathers a key, and of one that is too long for a store no more than a store's key may have. One thread. */
final class KeySink implements ByteSink {

    private byte[] bytes = new byte[64];
    private int kept;
    private long length;

    @Override
    public void accept(byte[] part, int from, int count) {
        length += count;
        int more = Math.min(count, Store.MAX_KEY_LENGTH - kept);
        if (more > bytes.length - kept) {
            bytes = Arrays.copyOf(bytes, Math.max(kept + more, Math.min(2 * bytes.length, Store.MAX_KEY_LENGTH)));
        }
        System.arraycopy(part, from, bytes, kept, more);
        kept += more;
    }

    /** The key, or the beginning of one that is too long. */
    byte[] bytes() {
        return Arrays.copyOf(bytes, kept);
    }

    /** Why the key cannot be stored; null if it can. */
    @Nullable
    String problem() {
        return length > Store.MAX_KEY_LENGTH ? "key of more than " + Store.MAX_KEY_LENGTH + " bytes" : null;
    }
}
