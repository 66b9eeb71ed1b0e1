package dev.penstock.tools.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;

/** Passes bytes on if they are UTF-8. One thread. */
final class Utf8Check implements ByteSink {

    /** The bytes are not UTF-8. */
    static final class NotUtf8Exception extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;

        NotUtf8Exception() {
            super("is not UTF-8");
        }
    }

    private static final int MAX_SEQUENCE_LENGTH = 4;

    private final ByteSink target;
    private final CharsetDecoder decoder = UTF_8.newDecoder();
    private final CharBuffer text = CharBuffer.allocate(1 << 10);
    /** The beginning of a character whose end is still to come. */
    private final ByteBuffer begun = ByteBuffer.allocate(MAX_SEQUENCE_LENGTH);

    Utf8Check(ByteSink target) {
        this.target = target;
    }

    /** @throws NotUtf8Exception if the bytes are not UTF-8 */
    @Override
    public void accept(byte[] bytes, int from, int length) throws IOException {
        ByteBuffer part = ByteBuffer.wrap(bytes, from, length);
        while (begun.position() > 0 && part.hasRemaining()) {
            begun.put(part.get());
            check(begun.flip(), false);
            begun.compact();
        }
        check(part, false);
        begun.put(part);
        target.accept(bytes, from, length);
    }

    /** To be called when all has arrived. */
    void finish() {
        check(begun.flip(), true);
    }

    /** Goes past the characters that are complete. */
    private void check(ByteBuffer bytes, boolean ended) {
        boolean more = true;
        while (more) {
            CoderResult result = decoder.decode(bytes, text.clear(), ended);
            if (result.isError()) {
                throw new NotUtf8Exception();
            }
            more = result.isOverflow();
        }
    }
}
