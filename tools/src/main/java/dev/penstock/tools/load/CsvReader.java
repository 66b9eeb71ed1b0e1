package dev.penstock.tools.load;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.store.Store;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Entries from comma-separated values (RFC 4180, UTF-8). The first line names the columns, in any order: {@code key} or
 * {@code key64}, {@code value} or {@code value64}, or all four; and {@code expires}, in milliseconds since 1970, empty
 * for an entry that never expires. What is not text is in base64 in a column whose name ends in 64. Of a pair of
 * columns one is filled; if neither is, the key or value is empty. A bad record does no harm to the next, unless a
 * quote is missing.
 *
 * <p>Records and values may be longer than the heap: a value goes to an {@link IncomingValue} as it is read.
 */
public final class CsvReader extends EntryReader {

    private static final String COLUMNS = "key, key64, value, value64, expires";
    private static final int MAX_NAME_LENGTH = 100;
    private static final int MAX_NUMBER_LENGTH = 100;
    private static final long EARLIEST_EXPIRY = 1;
    private static final int[] BYTE_ORDER_MARK = {0xef, 0xbb, 0xbf};

    private enum Column {
        KEY,
        KEY64,
        VALUE,
        VALUE64,
        EXPIRES
    }

    private final CsvInput in;
    private final LoadTarget target;
    private final List<Column> columns = new ArrayList<>();
    private long number;

    /** @param target the store for values that are too long for the heap */
    public CsvReader(InputStream in, LoadTarget target) {
        this.in = new CsvInput(in);
        this.target = target;
    }

    @Override
    public boolean next() throws IOException, BadEntryException {
        try {
            if (columns.isEmpty()) {
                readHeader();
            }
            number = in.line();
            if (!in.begin()) {
                return false;
            }
            number = in.line();
        } catch (IllegalArgumentException e) {
            throw BadEntryException.last("line " + number, String.valueOf(e.getMessage()), e);
        }
        try {
            readEntry();
            return true;
        } catch (IllegalArgumentException e) {
            throw bad(e);
        }
    }

    private void readHeader() throws IOException {
        number = 1;
        if (in.skip(BYTE_ORDER_MARK[0])) {
            require(in.skip(BYTE_ORDER_MARK[1]) && in.skip(BYTE_ORDER_MARK[2]), "is not UTF-8");
        }
        require(in.begin(), "is empty; the first line names the columns: " + COLUMNS);
        boolean more = true;
        while (more) {
            ShortBytes name = new ShortBytes(MAX_NAME_LENGTH, "the name of a column");
            more = in.field(name);
            Column column = column(new String(name.toByteArray(), UTF_8));
            require(!columns.contains(column), "names a column twice");
            columns.add(column);
        }
        require(columns.contains(Column.KEY) || columns.contains(Column.KEY64), "names no column key or key64");
        require(columns.contains(Column.VALUE) || columns.contains(Column.VALUE64), "names no column value or value64");
    }

    private static Column column(String name) {
        return switch (name) {
            case "key" -> Column.KEY;
            case "key64" -> Column.KEY64;
            case "value" -> Column.VALUE;
            case "value64" -> Column.VALUE64;
            case "expires" -> Column.EXPIRES;
            default ->
                throw new IllegalArgumentException(
                        "names the column '" + name + "'; the first line names the columns, which are " + COLUMNS);
        };
    }

    private void readEntry() throws IOException {
        dropValue();
        key = new byte[0];
        value = new IncomingValue(target);
        expiryMillis = NO_EXPIRY;
        int count = 0;
        boolean more = true;
        while (more) {
            require(
                    count < columns.size(),
                    "has more fields than the " + columns.size() + " that the first line names");
            more = readField(columns.get(count));
            count++;
        }
        require(count == columns.size(), "has " + count + " fields; the first line names " + columns.size());
    }

    private boolean readField(Column column) throws IOException {
        return switch (column) {
            case KEY, KEY64 -> readKey(column);
            case VALUE, VALUE64 -> readValue(column);
            case EXPIRES -> {
                ShortBytes digits = new ShortBytes(MAX_NUMBER_LENGTH, "\"expires\"");
                final boolean more = in.field(digits);
                expiryMillis = expiry(new String(digits.toByteArray(), US_ASCII));
                yield more;
            }
        };
    }

    private boolean readKey(Column column) throws IOException {
        ShortBytes bytes = new ShortBytes(Store.MAX_KEY_LENGTH, "the key");
        final boolean more = column == Column.KEY ? text("key", bytes) : base64("key64", bytes);
        byte[] read = bytes.toByteArray();
        if (read.length > 0) {
            require(key.length == 0, "has both a \"key\" and a \"key64\"");
            key = read;
        }
        // If the other column of the pair is still to come, so is the key, perhaps.
        if (key.length > 0) {
            value().key(key);
        }
        return more;
    }

    private boolean readValue(Column column) throws IOException {
        long before = value().length();
        final boolean more = column == Column.VALUE ? text("value", value()) : base64("value64", value());
        require(before == 0 || value().length() == before, "has both a \"value\" and a \"value64\"");
        return more;
    }

    private boolean text(String name, ByteSink sink) throws IOException {
        Utf8Check check = new Utf8Check(sink);
        try {
            final boolean more = in.field(check);
            check.finish();
            return more;
        } catch (Utf8Check.NotUtf8Exception e) {
            throw new IllegalArgumentException("\"" + name + "\" is not UTF-8", e);
        }
    }

    private boolean base64(String name, ByteSink sink) throws IOException {
        Base64Decoding decoding = new Base64Decoding(sink);
        try {
            final boolean more = in.field(decoding);
            decoding.finish();
            return more;
        } catch (Base64Decoding.NotBase64Exception e) {
            throw new IllegalArgumentException("\"" + name + "\" " + e.getMessage(), e);
        }
    }

    private static long expiry(String digits) {
        if (digits.isEmpty()) {
            return NO_EXPIRY;
        }
        try {
            if (digits.matches("[0-9]+")) {
                return Math.max(Long.parseLong(digits), EARLIEST_EXPIRY);
            }
        } catch (NumberFormatException tooLong) {
            // is refused as well
        }
        throw new IllegalArgumentException("\"expires\" is no whole number of milliseconds");
    }

    @Override
    public BadEntryException bad(IllegalArgumentException problem) {
        return BadEntryException.ofLine(number, String.valueOf(problem.getMessage()), problem);
    }

    private static void require(boolean fulfilled, String problem) {
        if (!fulfilled) {
            throw new IllegalArgumentException(problem);
        }
    }
}
