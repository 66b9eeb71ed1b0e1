package dev.penstock.server.resp;

import dev.penstock.server.resp.Ascii.NotANumberException;
import dev.penstock.store.Store;
import java.nio.ByteBuffer;

/** Arguments with the checks that every command makes of them. */
public final class Arguments {

    private Arguments() {}

    /** The key in an argument; valid until the next key is requested. */
    public static ByteBuffer key(Request request, int index) {
        checkKey(request, index);
        return request.key(index);
    }

    public static byte[] keyCopy(Request request, int index) {
        checkKey(request, index);
        return request.bytes(index);
    }

    /** A copy of what is between position and limit. */
    public static byte[] bytes(ByteBuffer buffer) {
        byte[] copy = new byte[buffer.remaining()];
        buffer.get(buffer.position(), copy);
        return copy;
    }

    /** What an error shows of an argument that it refuses: as in Redis, never beyond a zero byte. */
    public static String echoed(Request request, int index, int maxLength) {
        String text = request.text(index, maxLength);
        int zero = text.indexOf(0);
        return zero < 0 ? text : text.substring(0, zero);
    }

    public static String echoed(Request request, int index) {
        return echoed(request, index, request.length(index));
    }

    public static void checkKey(Request request, int index) {
        if (request.length(index) > Store.MAX_KEY_LENGTH) {
            throw new CommandError("ERR key is longer than " + Store.MAX_KEY_LENGTH + " bytes");
        }
    }

    public static long integer(Request request, int index) {
        try {
            return request.longAt(index);
        } catch (NotANumberException e) {
            throw CommandError.notAnInteger();
        }
    }

    /** Checks the number of a database; there is one, 0. */
    public static void database(Request request, int index) {
        long number = integer(request, index);
        if (number != (int) number) {
            throw new CommandError(
                    "ERR value is out of range, value must between " + Integer.MIN_VALUE + " and " + Integer.MAX_VALUE);
        }
        if (number != 0) {
            throw new CommandError("ERR DB index is out of range");
        }
    }
}
