package dev.penstock.server.resp;

import dev.penstock.store.Key;
import dev.penstock.store.transfer.Prefetch;
import java.nio.ByteBuffer;

/**
 * Scans the input for consecutive requests, as a pipelining client sends them, and prefetches the memory of all their
 * keys while the first is executed. It takes the first argument for a key, as it is in almost every pipelined command,
 * and stops at anything unusual: nothing depends on its findings.
 *
 * <p>One thread.
 */
public final class PipelinePrefetch {

    private static final int LONGEST_KEY = 128;
    private static final int MOST_ARGUMENTS = 9;
    private static final int MOST_DIGITS = 5;
    private static final int NONE = -1;

    private final Prefetch prefetch;
    private final byte[] bytesOfKey = new byte[LONGEST_KEY];
    private final Key key = new Key();

    @SuppressWarnings("NullAway.Init") // set with each input, before it is read
    private ByteBuffer bytes;

    private int position;
    private int end;
    private int added;

    public PipelinePrefetch(Prefetch prefetch) {
        this.prefetch = prefetch;
    }

    /** Notes the requests that stand at the beginning of the input, up to as many as are worth it; returns how many. */
    public int add(RequestBuffer input) {
        bytes = input.bytes();
        position = input.start();
        end = position + input.available();
        int found = 0;
        while (added < Prefetch.CAPACITY && add()) {
            added++;
            found++;
        }
        return found;
    }

    /** Whether nothing more can be noted before it {@link #run}s. */
    public boolean isFull() {
        return added == Prefetch.CAPACITY;
    }

    /** Has the memory of all the keys noted on its way, and forgets them. */
    public void run() {
        prefetch.run();
        added = 0;
    }

    /** Does so for the requests at the beginning of the input; returns how many they are. */
    public int run(RequestBuffer input) {
        int found = add(input);
        run();
        return found;
    }

    private boolean add() {
        int arguments = number('*');
        if (arguments < 2 || arguments > MOST_ARGUMENTS || !skip()) {
            return false;
        }
        int length = number('$');
        int keyPosition = position;
        if (length == NONE || length > LONGEST_KEY || !skip(length)) {
            return false;
        }
        for (int i = 2; i < arguments; i++) {
            if (!skip()) {
                return false;
            }
        }
        bytes.get(keyPosition, bytesOfKey, 0, length);
        return prefetch.add(key.set(bytesOfKey, 0, length));
    }

    /** Goes behind an argument, if all of it is there. */
    private boolean skip() {
        int length = number('$');
        return length != NONE && skip(length);
    }

    private boolean skip(int length) {
        position += length + 2;
        return position <= end;
    }

    /** Reads {@code <type><number>\r\n}; {@link #NONE} if that is not what stands there. */
    private int number(char type) {
        if (position >= end || bytes.get(position) != type) {
            return NONE;
        }
        int number = 0;
        int from = position + 1;
        int last = Math.min(from + MOST_DIGITS, end - 2);
        for (int at = from; at <= last; at++) {
            int digit = bytes.get(at) - '0';
            if (digit < 0 || digit > 9) {
                position = at + 2;
                return at > from && digit == '\r' - '0' ? number : NONE;
            }
            number = 10 * number + digit;
        }
        return NONE;
    }
}
