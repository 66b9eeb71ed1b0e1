package dev.penstock.server.http;

import dev.penstock.server.resp.RequestBuffer;
import dev.penstock.server.resp.RequestDecoder;
import dev.penstock.server.transfer.Intake;
import dev.penstock.server.transfer.TransferContext;
import dev.penstock.server.transfer.Upload;
import dev.penstock.server.transfer.Wire;
import dev.penstock.store.Key;
import dev.penstock.store.Store;
import dev.penstock.store.WriteOptions;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A body in chunks, whose length nobody knows before its end (RFC 9112, 7.1). Netty's decoder finds the chunks. Their
 * bytes gather in memory that counts as the client's request while they are few, and go into the file of their value
 * from then on.
 */
final class ChunkedBody implements Body, Intake {

    /** Longest line between chunks, and longest trailer: what is left over of one read is no longer. */
    private static final int MOST_LEFT_OVER = HeadScanner.MAX_HEAD_LENGTH;

    private static final byte[] NOTHING = {};

    private final RequestBuffer input;
    private final RequestBuffer gathered;
    private final Store store;
    private final byte[] key;
    private final long longest;
    private final @Nullable Digests digests;
    private final StrictDecoder decoder;
    private final List<Object> decoded = new ArrayList<>();
    private @Nullable Upload upload; // null while the bytes are few
    private byte[] leftOver = NOTHING;
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
            Store store,
            byte[] key,
            long longest,
            @Nullable Digests digests) {
        this.input = input;
        this.gathered = gathered;
        this.decoder = decoder;
        this.store = store;
        this.key = key;
        this.longest = longest;
        this.digests = digests;
    }

    @Override
    public boolean take() {
        if (!isComplete() && input.available() > 0) {
            ByteBuffer bytes = input.view(0, input.available());
            int taken = decode(bytes);
            if (!ended && malformed == null) {
                leftOver = copy(bytes, taken);
                taken = input.available();
            }
            input.consume(taken);
        }
        return isComplete();
    }

    private static byte[] copy(ByteBuffer bytes, int from) {
        byte[] rest = new byte[bytes.remaining() - from];
        bytes.get(bytes.position() + from, rest);
        return rest;
    }

    @Override
    public Intake intake() {
        return this;
    }

    @Override
    public int readFrom(Wire source, int limit, TransferContext transfers) throws IOException {
        ByteBuffer buffer = transfers.uploadBuffer();
        buffer.put(leftOver);
        buffer.limit(Math.min(buffer.capacity(), leftOver.length + limit));
        int read = source.channel().read(buffer);
        if (read <= 0) {
            return read;
        }
        buffer.flip();
        int taken = decode(buffer);
        byte[] rest = copy(buffer, taken);
        if (ended) {
            leftOver = NOTHING;
            input.makeRoom(rest.length);
            input.append(ByteBuffer.wrap(rest));
        } else {
            leftOver = rest;
        }
        return read;
    }

    /** Returns how many bytes belong to what was decoded. What is wrong with them shows in {@link #verify}. */
    private int decode(ByteBuffer bytes) {
        try {
            return decodeChunks(bytes);
        } catch (Problem e) {
            malformed = e;
            return 0;
        }
    }

    private int decodeChunks(ByteBuffer bytes) {
        ByteBuf wrapped = Unpooled.wrappedBuffer(bytes.slice());
        int before;
        int count;
        do {
            before = wrapped.readableBytes();
            int from = wrapped.readerIndex();
            decoded.clear();
            decoder.step(wrapped, decoded);
            count = decoded.size();
            if (decoded.stream().noneMatch(ChunkedBody::isData)) {
                refuseFolds(wrapped, from);
            }
            for (Object part : decoded) {
                accept(part);
            }
        } while (!ended && (count > 0 || wrapped.readableBytes() < before));
        decoded.clear();
        if (!ended && wrapped.readableBytes() > MOST_LEFT_OVER) {
            throw new Problem(Status.BAD_REQUEST, "a line between the chunks of the body is too long");
        }
        return wrapped.readerIndex();
    }

    private static boolean isData(Object part) {
        return part instanceof HttpContent content && content.content().isReadable();
    }

    /** Netty takes a trailer that continues on a second line, like a header that does. */
    private static void refuseFolds(ByteBuf bytes, int from) {
        for (int i = from; i < bytes.readerIndex(); i++) {
            boolean startsLine = i == from || bytes.getByte(i - 1) == '\n';
            if (startsLine && (bytes.getByte(i) == ' ' || bytes.getByte(i) == '\t')) {
                throw new Problem(Status.BAD_REQUEST, "a trailer field continues on a second line");
            }
        }
    }

    private void accept(Object part) {
        if (part instanceof HttpObject object && object.decoderResult().isFailure()) {
            throw new Problem(Status.BAD_REQUEST, "the chunks of the body are malformed");
        }
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
            large = Upload.begin(store, key);
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

    @Override
    public boolean isComplete() {
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
    public boolean store(Store target, byte[] storedKey, WriteOptions options) {
        if (upload != null) {
            return upload.writer().commit(options);
        }
        ByteBuffer value = gathered.available() == 0 ? ByteBuffer.allocate(0) : gathered.view(0, gathered.available());
        return target.put(Key.of(storedKey), value, options);
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
