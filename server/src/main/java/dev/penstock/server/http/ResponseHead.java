package dev.penstock.server.http;

import dev.penstock.server.transfer.OutputQueue;
import dev.penstock.server.transfer.Place;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Puts the head of a response together, field by field, and into a client's output at its end. One for each event loop,
 * whose thread it belongs to: a head is begun and ended without another one between.
 */
final class ResponseHead {

    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);
    private static final byte[] SEPARATOR = {':', ' '};
    private static final byte[] LINE_END = {'\r', '\n'};
    private static final byte[] HEAD_END = {'\r', '\n', '\r', '\n'};
    private static final byte[] CONTENT_LENGTH = bytes("Content-Length: ");
    private static final byte[] ETAG = bytes("ETag");
    private static final byte[] CLOSE = bytes("Connection: close\r\n");
    private static final byte[] KEEP_ALIVE = bytes("Connection: keep-alive\r\n");
    private static final int CAPACITY = 8192;
    private static final long SECOND = 1000;

    private final byte[] head = new byte[CAPACITY];
    private final ByteBuffer buffer = ByteBuffer.wrap(head);
    private final byte[] digits = new byte[20];
    private final Map<Status, byte[]> lines = new EnumMap<>(Status.class);
    private int length;
    private byte[] date = {};
    private long dateSecond = -1;

    ResponseHead() {
        for (Status status : Status.values()) {
            lines.put(status, bytes(status.line()));
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** The line of a field, to be {@linkplain #line put} as it is. */
    static byte[] line(String name, String value) {
        return bytes(name + ": " + value + "\r\n");
    }

    /** Begins a head. Every response has its date (RFC 9110, 6.6.1). */
    ResponseHead begin(Status status, long nowMillis) {
        length = 0;
        put(Objects.requireNonNull(lines.get(status))); // there is one for each status
        if (nowMillis / SECOND != dateSecond) {
            dateSecond = nowMillis / SECOND;
            date = line("Date", DATE.format(Instant.ofEpochSecond(dateSecond)));
        }
        return line(date);
    }

    /** Puts fields that are encoded already, with their line ends. */
    ResponseHead line(byte[] encoded) {
        put(encoded);
        return this;
    }

    ResponseHead field(byte[] name, String value) {
        put(name);
        put(SEPARATOR);
        put(value);
        put(LINE_END);
        return this;
    }

    ResponseHead tag(String entityTag) {
        return field(ETAG, entityTag);
    }

    ResponseHead contentLength(long bytes) {
        put(CONTENT_LENGTH);
        put(bytes);
        put(LINE_END);
        return this;
    }

    /** Says whether the connection stays open. HTTP/1.1 says so only if it does not. */
    ResponseHead connection(boolean isKept, boolean isOldVersion) {
        if (!isKept) {
            put(CLOSE);
        } else if (isOldVersion) {
            put(KEEP_ALIVE);
        }
        return this;
    }

    /** Ends the head and puts it into the output. */
    void end(OutputQueue output) {
        put(LINE_END);
        output.put(buffer.limit(length).position(0));
    }

    /**
     * Ends the head of a response whose length is known only after its body is put.
     *
     * @return the place for the length, in decimal
     */
    Place endWithLengthLater(OutputQueue output) {
        put(CONTENT_LENGTH);
        output.put(buffer.limit(length).position(0));
        Place place = output.reserve();
        output.put(HEAD_END);
        return place;
    }

    private void put(byte[] source) {
        System.arraycopy(source, 0, head, length, source.length);
        length += source.length;
    }

    @SuppressWarnings("deprecation") // the text is ASCII, of which this copies each character's byte
    private void put(String text) {
        text.getBytes(0, text.length(), head, length);
        length += text.length();
    }

    private void put(long number) {
        int at = digits.length;
        long rest = number;
        do {
            digits[--at] = (byte) ('0' + rest % 10);
            rest /= 10;
        } while (rest > 0);
        System.arraycopy(digits, at, head, length, digits.length - at);
        length += digits.length - at;
    }
}
