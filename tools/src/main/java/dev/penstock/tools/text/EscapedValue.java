package dev.penstock.tools.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.store.ValueView;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.util.Arrays;

/**
 * Prints a value of any length as {@link KeyText#escape} prints a key, a piece at a time. It reads the value twice,
 * because only its end shows whether it is text.
 */
public final class EscapedValue {

    private static final int PIECE_LENGTH = 64 << 10;

    @FunctionalInterface
    private interface TextSink {
        void accept(String text) throws IOException;
    }

    private final ValueView value;

    public EscapedValue(ValueView value) {
        this.value = value;
    }

    public void writeTo(OutputStream out) throws IOException {
        if (isText(text -> {})) {
            isText(text -> out.write(KeyText.escape(text.getBytes(UTF_8)).getBytes(UTF_8)));
        } else {
            writeBytes(out);
        }
    }

    /** Whether all of it is UTF-8; until that is known to be wrong, its text is passed on. */
    private boolean isText(TextSink sink) throws IOException {
        CharsetDecoder decoder = UTF_8.newDecoder();
        ByteBuffer piece = ByteBuffer.allocate(PIECE_LENGTH);
        CharBuffer text = CharBuffer.allocate(PIECE_LENGTH);
        long offset = 0;
        boolean ended = false;
        while (!ended) {
            offset += value.copyTo(offset, piece);
            ended = offset == value.length();
            CoderResult result = decoder.decode(piece.flip(), text, ended);
            if (result.isError()) {
                return false;
            }
            sink.accept(text.flip().toString());
            text.clear();
            piece.compact();
        }
        return true;
    }

    private void writeBytes(OutputStream out) throws IOException {
        ByteBuffer piece = ByteBuffer.allocate(PIECE_LENGTH);
        for (long offset = 0; offset < value.length(); ) {
            piece.clear();
            offset += value.copyTo(offset, piece);
            byte[] bytes = Arrays.copyOf(piece.array(), piece.position());
            out.write(KeyText.escapeBytes(bytes).getBytes(UTF_8));
        }
    }
}
