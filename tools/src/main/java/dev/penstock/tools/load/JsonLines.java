package dev.penstock.tools.load;

import dev.penstock.store.Store;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Entries from JSON Lines: {@code {"key": "...", "value": "..."}}, or {@code key64} and {@code value64} in base64 for
 * what is not text. {@code expires} is when the entry expires, in milliseconds since 1970. {@code length}, if given,
 * must be the value's; {@code sequence}, which {@code scan --json} prints, is ignored; any other field is refused,
 * since it is likely a misspelling. Blank lines are skipped. A bad line does no harm to the next.
 *
 * <p>Lines and values may be longer than the heap: a value goes to an {@link IncomingValue} as it is read.
 */
public final class JsonLines implements EntrySource {

    private static final int MAX_NAME_LENGTH = 100;
    /** More empty lines in a row than this are no data, but a way to keep the reader busy. */
    private static final int MAX_EMPTY_COUNT = 1 << 20;

    /** 0 would stand for an entry that never expires. */
    private static final long EARLIEST_EXPIRY = 1;

    private static final int[] BYTE_ORDER_MARK = {0xef, 0xbb, 0xbf};

    private final LineInput line;
    private final JsonTokens json;
    private final LoadTarget target;
    private long number;
    private byte @Nullable [] key;
    private @Nullable IncomingValue value;
    private long expiryMillis;

    /** @param target the store for values that are too long for the heap */
    public JsonLines(InputStream in, LoadTarget target) {
        this.line = new LineInput(in);
        this.json = new JsonTokens(line);
        this.target = target;
    }

    @Override
    public boolean next() throws IOException, BadEntryException {
        int emptyCount = 0;
        while (line.begin()) {
            number++;
            try {
                if (number == 1) {
                    skipByteOrderMark();
                }
                if (json.peek() != LineInput.END) {
                    readEntry();
                    return true;
                }
            } catch (IllegalArgumentException e) {
                throw bad(e);
            }
            if (++emptyCount > MAX_EMPTY_COUNT) {
                throw BadEntryException.last(
                        "line " + number, "comes after more than " + MAX_EMPTY_COUNT + " empty lines", null);
            }
        }
        return false;
    }

    @Override
    public byte[] key() {
        return Objects.requireNonNull(key);
    }

    @Override
    public IncomingValue value() {
        return Objects.requireNonNull(value);
    }

    @Override
    public long expiryMillis() {
        return expiryMillis;
    }

    @Override
    public BadEntryException bad(IllegalArgumentException problem) {
        return BadEntryException.ofLine(number, String.valueOf(problem.getMessage()), problem);
    }

    /** Bytes of the input read so far. */
    long bytesRead() {
        return line.bytesRead();
    }

    private void skipByteOrderMark() throws IOException {
        if (line.peek() == BYTE_ORDER_MARK[0]) {
            for (int each : BYTE_ORDER_MARK) {
                require(line.next() == each, "is not UTF-8, see column " + line.column());
            }
        }
    }

    private void readEntry() throws IOException {
        close();
        key = null;
        value = null;
        expiryMillis = NO_EXPIRY;
        long length = -1;
        requireObject();
        Set<String> fields = new HashSet<>();
        boolean more = !json.skip('}');
        while (more) {
            String field = json.shortString(MAX_NAME_LENGTH);
            json.expect(':');
            require(fields.add(field), "has more than one \"" + field + "\"");
            switch (field) {
                case "key", "key64" -> readKey(field);
                case "value", "value64" -> readValue(field);
                case "expires" -> {
                    long millis = json.wholeNumber(field);
                    require(millis >= 0, "\"expires\" is less than 0");
                    expiryMillis = Math.max(millis, EARLIEST_EXPIRY);
                }
                case "length" -> {
                    length = json.wholeNumber(field);
                    require(length >= 0, "\"length\" is less than 0");
                }
                case "sequence" -> json.number(field);
                default -> throw new IllegalArgumentException("unknown field \"" + field + "\"");
            }
            more = json.skip(',');
            if (!more) {
                json.expect('}');
            }
        }
        require(json.peek() == LineInput.END, "goes on after the object");
        require(key != null, "has no \"key\" or \"key64\"");
        if (value == null) {
            throw new IllegalArgumentException("has no \"value\" or \"value64\"");
        }
        require(length < 0 || length == value.length(), "\"length\" is not the value's, which is " + value.length());
    }

    private void requireObject() throws IOException {
        int first = json.peek();
        boolean isOther = first == '[' || first == '"' || first == '-' || first >= '0' && first <= '9';
        require(!isOther, "is no JSON object");
        json.expect('{');
    }

    private void readKey(String field) throws IOException {
        require(key == null, "has more than one key");
        ShortBytes bytes = new ShortBytes(Store.MAX_KEY_LENGTH, "the key");
        read(field, bytes);
        key = bytes.toByteArray();
        if (value != null) {
            value.key(key);
        }
    }

    private void readValue(String field) throws IOException {
        require(value == null, "has more than one value");
        value = new IncomingValue(target);
        if (key != null) {
            value.key(key);
        }
        read(field, value);
    }

    private void read(String field, ByteSink sink) throws IOException {
        require(json.peek() == '"', "\"" + field + "\" is no string");
        if (!field.endsWith("64")) {
            json.string(sink);
            return;
        }
        Base64Decoding decoding = new Base64Decoding(sink);
        try {
            json.string(decoding);
            decoding.finish();
        } catch (Base64Decoding.NotBase64Exception e) {
            throw new IllegalArgumentException("\"" + field + "\" " + e.getMessage(), e);
        }
    }

    private static void require(boolean fulfilled, String problem) {
        if (!fulfilled) {
            throw new IllegalArgumentException(problem);
        }
    }

    @Override
    public void close() throws IOException {
        if (value != null) {
            value.close();
        }
    }
}
