package dev.penstock.server.http;

import dev.penstock.server.acl.KeyCheck;
import dev.penstock.server.session.LoopContext;
import dev.penstock.server.transfer.OutputQueue;
import dev.penstock.server.transfer.Place;
import dev.penstock.server.turn.Suspended;
import dev.penstock.server.turn.Turn;
import dev.penstock.store.Key;
import dev.penstock.store.ValueView;
import dev.penstock.store.transfer.StoreTransfer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A page of the keys that begin with a prefix, as JSON, with SCAN's guarantee: a key that exists from the first page to
 * the last is on one of them at least. A page ends when it has enough keys or bytes, or has looked at many keys in
 * vain, and says where the next one begins.
 */
final class Listing implements Suspended {

    private static final int DEFAULT_LIMIT = 1000;
    private static final int MOST_LIMIT = 10_000;
    private static final long MOST_LOOKED_AT = 100_000;
    private static final long MOST_BYTES = 4 << 20;
    private static final int SCANNED_AT_ONCE = 16;
    private static final byte[] JSON = ResponseHead.line("Content-Type", "application/json");
    private static final byte[] NO_STORE = ResponseHead.line("Cache-Control", "no-store");

    private final LoopContext loop;
    private final HttpExchange exchange;
    private final StoreTransfer transfer;
    private final byte[] prefix;
    private final int limit;
    private final ArrayDeque<byte[]> page = new ArrayDeque<>();
    private final Place place;
    private @Nullable KeyCheck check; // of the first key of the page
    private long cursor;
    private boolean scanned;
    private long lookedAt;
    private long count;
    private long bytes;

    /** Begins the response. */
    Listing(LoopContext loop, HttpExchange exchange, Responses responses) {
        this.loop = loop;
        this.exchange = exchange;
        this.transfer = StoreTransfer.of(loop.store());
        Map<String, String> query = exchange.head().target().query();
        for (String name : query.keySet()) {
            if (!name.equals("list") && !name.equals("prefix") && !name.equals("cursor") && !name.equals("limit")) {
                throw new Problem(Status.BAD_REQUEST, "the parameters of a list are prefix, cursor and limit");
            }
        }
        this.prefix = query.getOrDefault("prefix", "").getBytes(StandardCharsets.ISO_8859_1);
        this.cursor = cursor(query.getOrDefault("cursor", ""));
        this.limit = limit(query.getOrDefault("limit", ""));
        ResponseHead head = responses.begin(exchange, Status.OK).line(JSON).line(NO_STORE);
        this.place = head.endWithLengthLater(exchange.output());
        put("{\"keys\":[");
    }

    private static long cursor(String text) {
        try {
            return text.isEmpty() ? 0 : Long.parseUnsignedLong(text);
        } catch (NumberFormatException e) {
            throw new Problem(Status.BAD_REQUEST, "cursor is what the page before gave");
        }
    }

    private static int limit(String text) {
        if (text.isEmpty()) {
            return DEFAULT_LIMIT;
        }
        int number = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : 0;
        if (number < 1 || number > MOST_LIMIT) {
            throw new Problem(Status.BAD_REQUEST, "limit is a number from 1 to " + MOST_LIMIT);
        }
        return number;
    }

    @Override
    public boolean goOn() {
        while (true) {
            if (loop.turn().isOver()) {
                return false;
            }
            byte[] key = page.peekFirst();
            if (key != null) {
                if (look(key)) {
                    page.pollFirst();
                    check = null;
                }
            } else if (scanned && (cursor == 0 || isFull())) {
                end();
                return true;
            } else {
                cursor = transfer.scanKeys(cursor, SCANNED_AT_ONCE, page::addLast);
                scanned = true;
                lookedAt += page.size();
                loop.turn().spend((long) Turn.KEY_STEPS * (1 + page.size()));
            }
        }
    }

    private boolean isFull() {
        return count >= limit || bytes >= MOST_BYTES || lookedAt >= MOST_LOOKED_AT;
    }

    /** Adds a key if the list has it; false if the turn is over before that is known. */
    private boolean look(byte[] key) {
        KeyCheck begun = check;
        if (begun == null) {
            loop.turn().spend(Turn.KEY_STEPS);
            if (key.length < prefix.length
                    || key.length == 0
                    || !Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length)) {
                return true;
            }
            begun = Admission.checkListed(exchange, key);
            check = begun;
        }
        if (!begun.goOn(loop.turn())) {
            return false;
        }
        if (begun.isPermitted()) {
            add(key);
        }
        return true;
    }

    private void add(byte[] key) {
        try (ValueView view = new ValueView()) {
            if (!transfer.locate(Key.of(key), view)) {
                return; // removed meanwhile
            }
            StringBuilder entry = new StringBuilder(key.length + 96);
            entry.append(count == 0 ? "\n" : ",\n").append("{\"key\":\"");
            appendEncoded(key, entry);
            entry.append("\",\"length\":").append(view.length());
            entry.append(",\"version\":").append(view.version());
            entry.append(",\"etag\":\"")
                    .append(EntityTag.of(view).replace("\"", "\\\""))
                    .append('"');
            Instant expiry = view.expiry();
            if (expiry != null) {
                entry.append(",\"expires\":\"").append(writable(expiry)).append('"');
            }
            put(entry.append('}').toString());
        }
        count++;
    }

    /** An expiry that another protocol has set may be beyond the last one that can be written. */
    private static Instant writable(Instant expiry) {
        return expiry.isAfter(Put.LAST_EXPIRY) ? Put.LAST_EXPIRY : expiry;
    }

    /** As it stands behind the slash of a target: bytes that are neither letters, digits nor {@code -._~/} as %XX. */
    private static void appendEncoded(byte[] key, StringBuilder text) {
        for (byte b : key) {
            int c = b & 0xff;
            boolean isPlain =
                    c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "-._~/".indexOf(c) >= 0;
            if (isPlain) {
                text.append((char) c);
            } else {
                text.append('%').append(digit(c >>> 4)).append(digit(c & 0xf));
            }
        }
    }

    private static char digit(int value) {
        return "0123456789ABCDEF".charAt(value);
    }

    private void put(String text) {
        byte[] encoded = text.getBytes(StandardCharsets.ISO_8859_1);
        exchange.output().put(encoded);
        bytes += encoded.length;
        loop.turn().spend(exchange.session().reply());
    }

    private void end() {
        put(cursor == 0 ? "\n],\"cursor\":null}\n" : "\n],\"cursor\":\"" + Long.toUnsignedString(cursor) + "\"}\n");
        OutputQueue output = exchange.output();
        output.fill(place, Long.toString(bytes).getBytes(StandardCharsets.ISO_8859_1));
    }
}
