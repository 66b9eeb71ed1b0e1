package dev.penstock.server.http;

import dev.penstock.server.resp.RequestBuffer;
import dev.penstock.server.resp.RequestDecoder;
import dev.penstock.server.session.LoopContext;
import dev.penstock.server.session.Protocol.Progress;
import dev.penstock.server.transfer.Intake;
import dev.penstock.server.transfer.Upload;
import dev.penstock.store.Key;
import dev.penstock.store.Store;
import dev.penstock.store.WriteOptions;
import dev.penstock.store.transfer.ValueIntake;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A body in chunks, whose length nobody knows before its end (RFC 9112, 7.1). It arrives in the buffer of the requests,
 * where Netty's decoder finds the chunks. Their bytes gather in memory that counts as the client's request while they
 * are few, and go into the file of their value from then on.
 */
final class ChunkedBody implements Body {

    /** Longest line between chunks, and longest trailer. */
    private static final int MOST_LEFT_OVER = HeadScanner.MAX_HEAD_LENGTH;

    /** What a chunk costs beside its bytes: however short it is, it is decoded, and may be written by itself. */
    private static final int CHUNK_STEPS = 10;

    private final RequestBuffer input;
    private final RequestBuffer gathered;
    private final LoopContext loop;
    private final byte[] key;
    private final long longest;
    private final @Nullable Digests digests;
    private final StrictDecoder decoder;
    private final List<Object> decoded = new ArrayList<>();
    private @Nullable Upload upload; // null while the bytes are few
    private int linesWithoutData; // since the last chunk: its size, and trailers
    private long length;
    private boolean ended;
    private boolean refused;
    private @Nullable Problem malformed;

    /**
     * @param decoder that has decoded the head
     * @param gathered empty, of the client's own
     * @param longest the most bytes that the value may have
     */
    ChunkedBody(
            RequestBuffer input,
            RequestBuffer gathered,
            StrictDecoder decoder,
            LoopContext loop,
            byte[] key,
            long longest,
            @Nullable Digests digests) {
        this.input = input;
        this.gathered = gathered;
        this.decoder = decoder;
        this.loop = loop;
        this.key = key;
        this.longest = longest;
        this.digests = digests;
    }

    @Override
    public Progress take() {
        if (!isComplete() && input.available() > 0) {
            try {
                ByteBuf bytes = Unpooled.wrappedBuffer(input.view(0, Math.min(input.available(), TAKEN_AT_ONCE))
                        .slice());
                boolean isPart = decode(bytes);
                input.consume(bytes.readerIndex());
                if (isPart && !isComplete()) {
                    return Progress.PART;
                }
            } catch (Problem e) {
                malformed = e; // shows in verify()
            }
        }
        return isComplete() ? Progress.DONE : Progress.MORE;
    }

    @Override
    public @Nullable Intake intake() {
        return null;
    }

    /** Decodes chunks until the turn is over, and returns true, or until the rest of one is missing. */
    private boolean decode(ByteBuf bytes) {
        while (!isComplete()) {
            int from = bytes.readerIndex();
            decoded.clear();
            decoder.step(bytes, decoded);
            int length = bytes.readerIndex() - from;
            if (decoded.isEmpty() && length == 0) {
                checkRest(bytes.readableBytes());
                return input.available() > TAKEN_AT_ONCE;
            }
            loop.turn().spend(CHUNK_STEPS);
            loop.turn().spendBytes(length);
            decoded.forEach(ChunkedBody::checkSound); // first: what is malformed is followed by anything
            if (hasData()) {
                linesWithoutData = 0;
            } else {
                checkLines(bytes, from);
            }
            for (Object part : decoded) {
                accept(part);
            }
            decoded.clear();
            if (loop.turn().isOver()) {
                return true;
            }
        }
        return false;
    }

    private static void checkRest(int length) {
        if (length > MOST_LEFT_OVER) {
            throw new Problem(Status.BAD_REQUEST, "a line between the chunks of the body is too long");
        }
    }

    private boolean hasData() {
        for (Object part : decoded) {
            if (part instanceof HttpContent content && content.content().isReadable()) {
                return true;
            }
        }
        return false;
    }

    /** Netty takes a trailer that continues on a second line, like a header that does, and any number of them. */
    private void checkLines(ByteBuf bytes, int from) {
        for (int i = from; i < bytes.readerIndex(); i++) {
            boolean startsLine = i == from || bytes.getByte(i - 1) == '\n';
            if (startsLine && (bytes.getByte(i) == ' ' || bytes.getByte(i) == '\t')) {
                throw new Problem(Status.BAD_REQUEST, "a trailer field continues on a second line");
            }
            if (bytes.getByte(i) == '\n' && ++linesWithoutData > HeadScanner.MOST_FIELDS) {
                throw new Problem(Status.BAD_REQUEST, "the body has too many trailer fields");
            }
        }
    }

    private static void checkSound(Object part) {
        if (part instanceof HttpObject object && object.decoderResult().isFailure()) {
            throw new Problem(Status.BAD_REQUEST, "the chunks of the body are malformed");
        }
    }

    private void accept(Object part) {
        if (part instanceof HttpContent content && content.content().isReadable()) {
            accept(content.content().nioBuffer());
        }
        ended |= part instanceof LastHttpContent;
    }

    private void accept(ByteBuffer bytes) {
        length += bytes.remaining();
        if (length > longest) {
            throw tooLong();
        }
        if (digests != null) {
            digests.update(bytes.duplicate());
        }
        Upload large = upload;
        if (large == null && length < RequestDecoder.STREAMED_LENGTH) {
            gathered.makeRoom(bytes.remaining());
            gathered.append(bytes);
            return;
        }
        if (large == null) {
            large = Upload.begin(loop.store(), key, loop.metrics().httpTransfers());
            upload = large;
            if (gathered.available() > 0) {
                large.write(gathered.view(0, gathered.available()));
                gathered.release();
            }
        }
        large.write(bytes);
        refused = large.isRefused();
    }

    static Problem tooLong() {
        return new Problem(Status.CONTENT_TOO_LARGE, "the value is longer than proto-max-bulk-len allows");
    }

    private boolean isComplete() {
        return ended || refused || malformed != null;
    }

    @Override
    public void verify() {
        if (malformed != null) {
            throw malformed;
        }
        if (digests != null && !refused) {
            digests.check();
        }
    }

    @Override
    public long store(Store target, byte[] storedKey, WriteOptions options) {
        if (upload != null) {
            return ValueIntake.commit(upload.writer(), options);
        }
        ByteBuffer value = gathered.available() == 0 ? ByteBuffer.allocate(0) : gathered.view(0, gathered.available());
        return ValueIntake.put(target, Key.of(storedKey), value, options);
    }

    @Override
    public boolean isRepeatable() {
        return upload == null;
    }

    @Override
    public boolean isCutOff() {
        return !ended;
    }

    @Override
    public void close() {
        gathered.release();
        if (upload != null) {
            upload.close();
        }
    }
}
