package dev.penstock.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes a {@link RequestHead} of the bytes of a head. Netty's decoder parses; this class refuses what that one
 * tolerates and another server on the way might understand otherwise: other separators in the first line than one
 * space, other versions than 1.0 and 1.1, transfer codings besides chunked, and no host or several.
 *
 * <p>One for each event loop, whose thread it belongs to. Its clients take turns, as a head is decoded at once.
 */
final class HeadDecoder {

    private static final int VERSION_LENGTH = "HTTP/1.1".length();

    private final List<Object> decoded = new ArrayList<>();
    private StrictDecoder decoder = new StrictDecoder();

    /**
     * Decodes a head.
     *
     * @param bytes the head with the empty line at its end
     * @param firstLineLength without the line end
     * @throws Problem if it is malformed, or of a kind that the server does not take
     */
    RequestHead decode(ByteBuffer bytes, int firstLineLength) {
        HttpRequest request = parse(bytes);
        String method = request.method().name();
        checkFirstLine(bytes, firstLineLength, method.length(), request.uri().length());
        boolean isOldVersion = isOldVersion(request.protocolVersion());
        HttpHeaders fields = request.headers();
        Target target = Target.of(request.uri());
        checkHost(fields, isOldVersion);
        return new RequestHead(method, target, isOldVersion, fields, bodyLength(fields, isOldVersion));
    }

    /** Gives away the decoder that has decoded the last head, to go on with the chunks that follow it. */
    StrictDecoder giveAwayDecoder() {
        StrictDecoder given = decoder;
        decoder = new StrictDecoder();
        return given;
    }

    private HttpRequest parse(ByteBuffer bytes) {
        ByteBuf wrapped = Unpooled.wrappedBuffer(bytes.slice());
        try {
            decoder.reset();
            decoder.step(wrapped, decoded);
            if (decoded.isEmpty() || !(decoded.getFirst() instanceof HttpRequest request)) {
                throw new Problem(Status.BAD_REQUEST, "the request is malformed");
            }
            if (isLengthUnparsed(request.decoderResult())) {
                decoder = new StrictDecoder(); // it gave up, but only after it had read all fields
            } else {
                check(request.decoderResult());
            }
            return request;
        } catch (Problem refused) {
            decoder = new StrictDecoder(); // whatever state it is in
            throw refused;
        } finally {
            decoded.clear();
        }
    }

    /** Whether Netty could not parse {@code Content-Length}; {@link #length} decides then. */
    private static boolean isLengthUnparsed(DecoderResult result) {
        return result.isFailure() && result.cause().getCause() instanceof NumberFormatException;
    }

    private static void check(DecoderResult result) {
        switch (result.cause()) {
            case null -> {}
            case TooLongHttpLineException tooLong ->
                throw new Problem(Status.URI_TOO_LONG, "the request line is too long");
            case TooLongHttpHeaderException tooLong ->
                throw new Problem(Status.HEADER_FIELDS_TOO_LARGE, "the head of the request is too long");
            default -> throw new Problem(Status.BAD_REQUEST, "the head of the request is malformed");
        }
    }

    /** The parts of the first line are separated by one space each, and nothing else is in it. */
    private static void checkFirstLine(ByteBuffer bytes, int length, int methodLength, int targetLength) {
        int start = bytes.position();
        int second = methodLength + 1 + targetLength;
        if (length != second + 1 + VERSION_LENGTH
                || bytes.get(start + methodLength) != ' '
                || bytes.get(start + second) != ' ') {
            throw new Problem(Status.BAD_REQUEST, "the request line is not a method, a target and a version");
        }
    }

    private static boolean isOldVersion(HttpVersion version) {
        if (version.equals(HttpVersion.HTTP_1_1)) {
            return false;
        }
        if (version.equals(HttpVersion.HTTP_1_0)) {
            return true;
        }
        throw new Problem(Status.VERSION_NOT_SUPPORTED, "the server speaks HTTP/1.1");
    }

    private static void checkHost(HttpHeaders fields, boolean isOldVersion) {
        int count = fields.getAll(HttpHeaderNames.HOST).size();
        if (count > 1 || count == 0 && !isOldVersion) {
            throw new Problem(Status.BAD_REQUEST, "a request of HTTP/1.1 has one Host field");
        }
    }

    private static long bodyLength(HttpHeaders fields, boolean isOldVersion) {
        List<String> codings = fields.getAll(HttpHeaderNames.TRANSFER_ENCODING);
        List<String> lengths = fields.getAll(HttpHeaderNames.CONTENT_LENGTH);
        if (!codings.isEmpty()) {
            if (isOldVersion || !lengths.isEmpty()) {
                throw new Problem(Status.BAD_REQUEST, "a body has a length or a transfer coding, not both");
            }
            if (codings.size() > 1 || !codings.getFirst().equalsIgnoreCase("chunked")) {
                throw new Problem(Status.NOT_IMPLEMENTED, "the only transfer coding that the server takes is chunked");
            }
            return RequestHead.CHUNKED;
        }
        if (lengths.isEmpty()) {
            return RequestHead.NO_BODY;
        }
        return length(lengths);
    }

    /** A number beyond those of {@code long} counts as the largest of them: it is beyond every limit as well. */
    private static long length(List<String> lengths) {
        String text = lengths.getFirst();
        if (lengths.size() > 1 || text.isEmpty() || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new Problem(Status.BAD_REQUEST, "Content-Length is one decimal number");
        }
        long length = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            length = length > (Long.MAX_VALUE - digit) / 10 ? Long.MAX_VALUE : length * 10 + digit;
        }
        return length;
    }
}
