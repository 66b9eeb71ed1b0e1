package dev.penstock.server.resp;

import dev.penstock.store.Prefetch;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Looks through what has arrived for GETs that stand one behind the other, as a pipelining client sends them, so that the
 * memory of all their keys is on its way while the first is answered. It knows that one form only, and goes no further than
 * the first thing that looks otherwise: nothing depends on what it finds.
 *
 * <p>One thread.
 */
public final class GetLookahead {

    private static final byte[] HEAD = "*2\r\n$3\r\nGET\r\n$".getBytes(StandardCharsets.US_ASCII);
    private static final int LONGEST_KEY = 128;
    private static final int CASE = 0x20;

    private final Prefetch prefetch;
    private final byte[] key = new byte[LONGEST_KEY];

    public GetLookahead(Prefetch prefetch) {
        this.prefetch = prefetch;
    }

    /** Returns how many GETs stand at the beginning of the input, up to as many as are worth it. */
    public int run(RequestBuffer input) {
        int available = input.available();
        int offset = 0;
        int found = 0;
        while (found < Prefetch.CAPACITY) {
            int keyOffset = keyOffset(input, offset, available);
            if (keyOffset < 0) {
                break;
            }
            int length = length(input, offset + HEAD.length, keyOffset - 2);
            int end = keyOffset + length + 2;
            if (length > LONGEST_KEY || end > available || found == 0 && end == available) {
                break;
            }
            ByteBuffer bytes = input.bytes();
            bytes.get(input.start() + keyOffset, key, 0, length);
            prefetch.add(key, 0, length);
            found++;
            offset = end;
        }
        prefetch.run();
        return found;
    }

    /** Where the key of a GET begins; -1 if there is no GET in the usual form, or not enough of it. */
    private static int keyOffset(RequestBuffer input, int offset, int available) {
        if (available - offset <= HEAD.length) {
            return -1;
        }
        for (int i = 0; i < HEAD.length; i++) {
            byte found = input.get(offset + i);
            if (found != HEAD[i] && (HEAD[i] < 'A' || found != (HEAD[i] | CASE))) {
                return -1;
            }
        }
        int at = offset + HEAD.length;
        for (int digits = 0; digits < 3 && at < available && isDigit(input.get(at)); digits++) {
            at++;
        }
        return at > offset + HEAD.length && at + 2 <= available && input.get(at) == '\r' ? at + 2 : -1;
    }

    private static int length(RequestBuffer input, int from, int to) {
        int length = 0;
        for (int i = from; i < to; i++) {
            length = length * 10 + input.get(i) - '0';
        }
        return length;
    }

    private static boolean isDigit(byte digit) {
        return digit >= '0' && digit <= '9';
    }
}
