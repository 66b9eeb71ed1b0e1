package dev.penstock.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import java.util.List;

/**
 * Netty's decoder, used without its pipeline: its states read from a buffer and need no channel. Strict where it can be
 * told to be; {@link HeadDecoder} checks the rest.
 *
 * <p>One thread at a time.
 */
final class StrictDecoder extends HttpRequestDecoder {

    static {
        // Netty would look for other logging libraries, of which one prints a warning when it finds no backend.
        InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
    }

    StrictDecoder() {
        super(new HttpDecoderConfig()
                .setStrictLineParsing(true)
                .setUseRfc9112TransferEncoding(true)
                .setValidateHeaders(true)
                .setAllowDuplicateContentLengths(false)
                .setMaxInitialLineLength(HeadScanner.MAX_LINE_LENGTH)
                .setMaxHeaderSize(HeadScanner.MAX_HEAD_LENGTH)
                .setMaxChunkSize(Integer.MAX_VALUE));
    }

    /** Takes one step, which adds at most some objects to {@code decoded}. */
    void step(ByteBuf bytes, List<Object> decoded) {
        try {
            decode(null, bytes, decoded);
        } catch (Exception e) {
            throw new Problem(Status.BAD_REQUEST, "the request is malformed");
        }
    }
}
