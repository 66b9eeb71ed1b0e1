package dev.penstock.server.resp;

import dev.penstock.server.transfer.OutputQueue;
import dev.penstock.server.transfer.Place;
import dev.penstock.server.transfer.Verification;
import dev.penstock.store.ValueView;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Encodes replies into a connection's output, in the protocol version that the client chose. Aggregates are announced
 * with their size and then filled by as many further calls. Text is written as one byte per character.
 */
public final class Reply {

    private static final byte[] OK = ascii("+OK\r\n");
    private static final byte[] PONG = ascii("+PONG\r\n");
    private static final byte[] CRLF = ascii("\r\n");
    private static final byte[] NIL_BULK = ascii("$-1\r\n");
    private static final byte[] NIL_ARRAY = ascii("*-1\r\n");
    private static final byte[] NULL = ascii("_\r\n");
    private static final byte[] ZERO = ascii(":0\r\n");
    private static final byte[] ONE = ascii(":1\r\n");
    private static final int HEADER_ROOM = 24;

    /** The longest is that of HELLO. */
    private static final int SMALL_REPLY_LENGTH = 512;

    private final OutputQueue output;
    private boolean version3;

    public Reply(OutputQueue output) {
        this.output = output;
    }

    public int protocolVersion() {
        return version3 ? 3 : 2;
    }

    /** @param version 2 or 3 */
    public void protocolVersion(int version) {
        version3 = version == 3;
    }

    public void mark() {
        output.mark();
    }

    /** Where the last {@link #mark()} is, to go back to it later by {@link #mark(OutputQueue.Mark)}. */
    public OutputQueue.Mark lastMark() {
        return output.lastMark();
    }

    public void mark(OutputQueue.Mark earlier) {
        output.mark(earlier);
    }

    /**
     * Takes the memory of a reply now, so that a command that changes something cannot fail for lack of it afterwards.
     * It is enough for any reply but values and lists.
     */
    public void ensureRoom() {
        output.ensureRoom(SMALL_REPLY_LENGTH);
    }

    /** Takes the memory of short replies now, which come much later; see {@link OutputQueue#ensureOwnRoom}. */
    public void ensureOwnRoom(int length) {
        output.ensureOwnRoom(length);
    }

    /** Takes back all replies since {@link #mark()}. */
    public void rollback() {
        output.rollback();
    }

    /** See {@link OutputQueue#verification}. */
    public @Nullable Verification verification() {
        return output.verification();
    }

    /** See {@link OutputQueue#takeWork}. */
    public long takeWork() {
        return output.takeWork();
    }

    public void ok() {
        output.put(OK);
    }

    public void pong() {
        output.put(PONG);
    }

    public void simple(String text) {
        line('+', Ascii.oneLine(text));
    }

    /** Text for people: an array of simple strings, one a line. */
    public void lines(String... lines) {
        array(lines.length);
        for (String line : lines) {
            simple(line);
        }
    }

    /** @param text code and message, without the leading minus; line ends at its end are left out, as in Redis */
    public void error(String text) {
        int end = text.length();
        while (end > 0 && (text.charAt(end - 1) == '\r' || text.charAt(end - 1) == '\n')) {
            end--;
        }
        line('-', Ascii.oneLine(text.substring(0, end)));
    }

    /** A reply that was encoded before, in the protocol version of this client. */
    public void encoded(byte[] bytes) {
        output.put(bytes);
    }

    public void integer(long value) {
        if (value == 0) {
            output.put(ZERO);
        } else if (value == 1) {
            output.put(ONE);
        } else {
            header(':', value);
        }
    }

    public void nil() {
        output.put(version3 ? NULL : NIL_BULK);
    }

    public void nilArray() {
        output.put(version3 ? NULL : NIL_ARRAY);
    }

    public void bulk(byte[] bytes) {
        header('$', bytes.length);
        output.put(bytes);
        output.put(CRLF);
    }

    public void bulk(ByteBuffer bytes) {
        header('$', bytes.remaining());
        output.put(bytes);
        output.put(CRLF);
    }

    public void bulk(String text) {
        bulk(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Text for people: a verbatim string where the protocol has one. */
    public void verbatim(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        if (version3) {
            header('=', bytes.length + 4L);
            output.put(ascii("txt:"));
            output.put(bytes);
            output.put(CRLF);
        } else {
            bulk(bytes);
        }
    }

    /** Appends bytes of a text whose header is {@linkplain #fillVerbatim filled} in afterwards; how many. */
    public int text(String part) {
        byte[] bytes = part.getBytes(StandardCharsets.ISO_8859_1);
        output.put(bytes);
        return bytes.length;
    }

    /** Ends a text for people of so many bytes, whose place was {@linkplain #reserve reserved}. */
    public void fillVerbatim(Place place, long length) {
        output.put(CRLF);
        output.fill(place, ascii(version3 ? "=" + (length + 4) + "\r\ntxt:" : "$" + length + "\r\n"));
    }

    public void array(long size) {
        header('*', size);
    }

    /** An array of pairs in version 2. */
    public void map(long pairs) {
        if (version3) {
            header('%', pairs);
        } else {
            header('*', 2 * pairs);
        }
    }

    public void set(long size) {
        header(version3 ? '~' : '*', size);
    }

    /** See {@link OutputQueue#frameRoom}: a value as a bulk string. */
    public ByteBuffer frameRoom() {
        return output.frameRoom();
    }

    /** See {@link OutputQueue#longestCopiedFrame}. */
    public int longestCopiedFrame() {
        return output.longestCopiedFrame();
    }

    /** Counts the bytes of a frame that was put into {@link #frameRoom}. */
    public void framePut(int length) {
        output.advanced(length);
    }

    /** A value, or null; takes the view over. */
    public void valueOrNil(@Nullable ValueView view) {
        if (view == null) {
            nil();
        } else {
            output.putFrame(view);
        }
    }

    /** A part of a value as a bulk string; takes the view over. */
    public void part(ValueView view, long offset, long length) {
        header('$', length);
        output.putPart(view, offset, length);
        output.put(CRLF);
    }

    /** A place for headers that are known only after what they announce. */
    public Place reserve() {
        return output.reserve();
    }

    /** Fills such a place with an array header. */
    public void fillArray(Place place, long size) {
        output.fill(place, ascii("*" + size + "\r\n"));
    }

    /** Fills such a place with SCAN's cursor and the header of its array. */
    public void fillScan(Place place, String cursor, long size) {
        output.fill(place, ascii("*2\r\n$" + cursor.length() + "\r\n" + cursor + "\r\n*" + size + "\r\n"));
    }

    private void header(char type, long number) {
        ByteBuffer target = output.room(HEADER_ROOM);
        int before = target.position();
        target.put((byte) type);
        Ascii.putLong(target, number);
        target.put((byte) '\r').put((byte) '\n');
        output.advanced(target.position() - before);
    }

    private void line(char type, String text) {
        output.put(ascii(type + text + "\r\n"));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
