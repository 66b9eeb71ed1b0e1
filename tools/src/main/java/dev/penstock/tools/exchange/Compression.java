package dev.penstock.tools.exchange;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;

/** How a file is compressed as a whole. */
public enum Compression {
    NONE("", "") {
        @Override
        public OutputStream compress(OutputStream out) {
            return out;
        }

        @Override
        InputStream decompress(PeekingInput in) {
            return in;
        }
    },

    GZIP(".gz", "\u001f\u008b") {
        @Override
        public OutputStream compress(OutputStream out) throws IOException {
            return new GZIPOutputStream(out, BUFFER_LENGTH);
        }

        @Override
        InputStream decompress(PeekingInput in) throws IOException {
            return new GzipInput(in);
        }
    },

    ZSTD(".zst", "(\u00b5/\u00fd") {
        @Override
        public OutputStream compress(OutputStream out) throws IOException {
            return new ZstdOutputStream(out).setChecksum(true);
        }

        @Override
        InputStream decompress(PeekingInput in) {
            return new ZstdInput(in);
        }
    };

    private static final int BUFFER_LENGTH = 64 << 10;
    static final int MAX_MAGIC_LENGTH = 4;

    private final String suffix;
    /** The first bytes of the data, a character each. */
    private final String magic;

    Compression(String suffix, String magic) {
        this.suffix = suffix;
        this.magic = magic;
    }

    /** The compression that the name of a file stands for; none if it stands for no other. */
    public static Compression ofName(String name) {
        return Arrays.stream(values())
                .filter(each -> each != NONE && name.endsWith(each.suffix))
                .findFirst()
                .orElse(NONE);
    }

    /** The compression with which a file begins that has these bytes first. */
    static Compression ofContent(byte[] beginning) {
        return Arrays.stream(values())
                .filter(each -> each != NONE && each.isIn(beginning))
                .findFirst()
                .orElse(NONE);
    }

    private boolean isIn(byte[] beginning) {
        return new String(beginning, ISO_8859_1).startsWith(magic);
    }

    /** The name without what stands for this compression. */
    String stripped(String name) {
        return name.endsWith(suffix) ? name.substring(0, name.length() - suffix.length()) : name;
    }

    /** What is written to the result comes out compressed; closing it ends the data, and closes the stream. */
    public abstract OutputStream compress(OutputStream out) throws IOException;

    /** What is read from the result is decompressed; a file that ends too early, or goes on after its end, throws. */
    abstract InputStream decompress(PeekingInput in) throws IOException;
}
