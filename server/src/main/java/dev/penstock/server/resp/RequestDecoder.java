package dev.penstock.server.resp;

import dev.penstock.server.transfer.Upload;
import dev.penstock.store.Store;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Finds the requests in a connection's input, however the bytes are split on their way: a state machine that stops
 * where the bytes end and continues from there. Every limit is enforced when a length is announced, before anything is
 * allocated for it. Announced lengths are not trusted: memory is allocated only for bytes that have arrived.
 *
 * <p>Error texts are Redis's own. After an error the connection is out of step and must be closed.
 */
public final class RequestDecoder {

    /** Values from this length on are streamed to the store where the command allows it. */
    public static final int STREAMED_LENGTH = 1 << 20;

    static final int MAX_ARGUMENTS = 1024 * 1024;
    static final int MAX_INLINE_LENGTH = 64 * 1024;

    /** The same, and the longest argument, for clients that have not shown a password yet. */
    static final int MAX_UNAUTHENTICATED_ARGUMENTS = 10;

    static final int MAX_UNAUTHENTICATED_LENGTH = 16 * 1024;

    private static final int INCOMPLETE = -1;
    private static final int MALFORMED = -2;

    /** What {@link #next()} found. */
    public enum Outcome {
        /** No whole request yet. */
        MORE,
        /** {@link #request()} is complete; call {@link #done()} after it. */
        REQUEST,
        /** A value of {@link #announcedLength()} bytes follows; call {@link #stream} with where it is to go. */
        LARGE_ARGUMENT,
        /** {@link #error()} says what is wrong. */
        ERROR
    }

    private final RequestBuffer input;
    private final LargeArguments largeArguments;
    private final Request request;

    private int position; // next byte to look at
    private int scanned; // bytes known to hold no end of an inline request
    private int expected; // arguments still to come; 0 before the header
    private long announced = -1; // length of the argument under way
    private @Nullable Upload stream;
    private int headerEnd; // set by readNumber
    private @Nullable String error;
    private boolean authenticated = true;

    public RequestDecoder(RequestBuffer input, LargeArguments largeArguments) {
        this.input = input;
        this.largeArguments = largeArguments;
        this.request = new Request(input);
    }

    /**
     * Whether the client has authenticated; until then little is taken from it. It has unless this says otherwise.
     */
    public void setAuthenticated(boolean known) {
        authenticated = known;
    }

    public Request request() {
        return request;
    }

    public @Nullable String error() {
        return error;
    }

    public long announcedLength() {
        return announced;
    }

    /** After {@link Outcome#LARGE_ARGUMENT}: whether all of the value is here by now, so that it cannot be streamed. */
    public boolean isWhole() {
        return input.available() - position >= announced + 2;
    }

    /** Whether a request has begun and is not complete. */
    public boolean isMidRequest() {
        return expected > 0 || input.available() > 0;
    }

    public Outcome next() {
        while (expected == 0) {
            if (input.available() == 0) {
                return Outcome.MORE;
            }
            Outcome outcome = input.get(0) == '*' ? header() : inline();
            if (outcome != null) {
                return outcome;
            }
        }
        return arguments();
    }

    /** Null when there is something to continue with. */
    private @Nullable Outcome header() {
        long count = readNumber();
        if (headerEnd == INCOMPLETE) {
            return Outcome.MORE;
        }
        if (headerEnd == MALFORMED || count > MAX_ARGUMENTS) {
            return fail("invalid multibulk length");
        }
        if (!authenticated && count > MAX_UNAUTHENTICATED_ARGUMENTS) {
            return fail("unauthenticated multibulk length");
        }
        position = headerEnd;
        if (count > 0) {
            expected = (int) count;
        } else {
            skip(); // a request of no arguments asks for nothing
        }
        return null;
    }

    private Outcome arguments() {
        while (true) {
            if (announced < 0) {
                Outcome header = bulkHeader();
                if (header != null) {
                    return header;
                }
            }
            int length = stream == null ? (int) announced : 0;
            if (input.available() - position < length + 2) {
                return waitForBulk();
            }
            if (input.get(position + length) != '\r' || input.get(position + length + 1) != '\n') {
                return fail("expected a line end after the bulk string");
            }
            if (stream == null) {
                request.add(position, length);
            }
            stream = null;
            announced = -1;
            position += length + 2;
            if (--expected == 0) {
                return Outcome.REQUEST;
            }
        }
    }

    /** Null when {@code announced} is set and the argument may be read. */
    private @Nullable Outcome bulkHeader() {
        if (position >= input.available()) {
            return waitForBulk();
        }
        byte type = input.get(position);
        if (type != '$') {
            return fail("expected '$', got '" + (char) (type & 0xff) + "'");
        }
        long length = readNumber();
        if (headerEnd == INCOMPLETE) {
            return waitForBulk();
        }
        if (headerEnd == MALFORMED || length < 0 || length > Store.MAX_VALUE_LENGTH) {
            return fail("invalid bulk length");
        }
        if (length > STREAMED_LENGTH && length > largeArguments.longestLength()) {
            return fail("invalid bulk length");
        }
        if (!authenticated && length > MAX_UNAUTHENTICATED_LENGTH) {
            return fail("unauthenticated bulk length");
        }
        position = headerEnd;
        boolean whole = input.available() - position >= length + 2;
        if (length >= STREAMED_LENGTH && !whole && largeArguments.streams(request, request.count())) {
            announced = length;
            return Outcome.LARGE_ARGUMENT;
        }
        if (length > RequestBuffer.REQUEST_LIMIT - 2 - position) {
            return fail("invalid bulk length");
        }
        announced = length;
        return null;
    }

    private Outcome waitForBulk() {
        return input.isFull() ? fail("too big request") : Outcome.MORE;
    }

    /**
     * After {@link Outcome#LARGE_ARGUMENT}: hands over what has arrived of the value. The caller brings the rest until
     * nothing remains of the upload, and only then asks for the {@link #next()} outcome.
     */
    public void stream(Upload upload) {
        int length = (int) Math.min(upload.remaining(), input.available() - position);
        upload.write(input.view(position, length));
        input.truncate(position);
        stream = upload;
        request.addStreamed(upload);
    }

    /** The request was served; its bytes are dropped. */
    public void done() {
        request.clear();
        skip();
    }

    /** Drops everything received, and an upload under way. */
    public void discard() {
        request.clear();
        input.release();
    }

    private void skip() {
        input.consume(position);
        position = 0;
        scanned = 0;
    }

    private Outcome fail(String text) {
        error = "Protocol error: " + text;
        return Outcome.ERROR;
    }

    /**
     * Reads {@code <type byte><number>\r\n} at the position. Sets {@code headerEnd} to the offset behind it, or to
     * {@link #INCOMPLETE} or {@link #MALFORMED}.
     */
    private long readNumber() {
        ByteBuffer bytes = input.bytes();
        int base = input.start();
        int from = base + position + 1;
        int end = base + input.available();
        int index = from;
        boolean negative = index < end && bytes.get(index) == '-';
        if (negative) {
            index++;
        }
        int firstDigit = index;
        long value = 0;
        for (; index < end; index++) {
            int digit = bytes.get(index) - '0';
            if (digit < 0 || digit > 9) {
                break;
            }
            if (index - firstDigit >= Ascii.MAX_LONG_DIGITS - 2) { // 18 digits cannot overflow, and no limit needs more
                headerEnd = MALFORMED;
                return MALFORMED;
            }
            value = value * 10 + digit;
        }
        return endOfNumber(index, firstDigit, end, negative ? -value : value);
    }

    private long endOfNumber(int index, int firstDigit, int end, long value) {
        ByteBuffer bytes = input.bytes();
        int digits = index - firstDigit;
        boolean leadingZero = digits > 1 && bytes.get(firstDigit) == '0';
        boolean minusZero = value == 0 && digits > 0 && bytes.get(firstDigit - 1) == '-';
        if (leadingZero || minusZero) {
            headerEnd = MALFORMED;
        } else if (index == end) {
            headerEnd = INCOMPLETE;
        } else if (digits == 0 || bytes.get(index) != '\r') {
            headerEnd = MALFORMED;
        } else if (index + 1 == end) {
            headerEnd = INCOMPLETE;
        } else {
            headerEnd = bytes.get(index + 1) == '\n' ? index + 2 - input.start() : MALFORMED;
        }
        return headerEnd < 0 ? headerEnd : value;
    }

    /** A line of words, as typed into a plain terminal; null if it was blank. */
    private @Nullable Outcome inline() {
        int available = input.available();
        int newline = scanned;
        while (newline < available && input.get(newline) != '\n') {
            newline++;
        }
        scanned = newline;
        if (newline > MAX_INLINE_LENGTH) {
            return fail("too big inline request");
        }
        if (newline == available) {
            return Outcome.MORE;
        }
        int lineEnd = newline > 0 && input.get(newline - 1) == '\r' ? newline - 1 : newline;
        if (!InlineWords.split(input, lineEnd, request)) {
            return fail("unbalanced quotes in request");
        }
        position = newline + 1;
        if (request.count() > 0) {
            return Outcome.REQUEST;
        }
        skip();
        return null;
    }
}
