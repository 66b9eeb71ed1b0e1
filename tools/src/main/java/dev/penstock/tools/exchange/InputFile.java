package dev.penstock.tools.exchange;

import com.github.luben.zstd.ZstdIOException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.zip.ZipException;

/** A file to import, decompressed if its first bytes say that it is compressed. One thread. */
public final class InputFile implements AutoCloseable {

    private static final int BEGINNING_LENGTH = 64;

    private final PeekingInput raw;
    private final Compression compression;
    private final PeekingInput content;

    /**
     * Looks at the beginning of a stream.
     *
     * @throws DamagedInputException if it begins like compressed data, and is none
     */
    public InputFile(InputStream in) throws IOException {
        this.raw = new PeekingInput(in);
        this.compression = Compression.ofContent(raw.peek(Compression.MAX_MAGIC_LENGTH));
        try {
            this.content = new PeekingInput(new Decompressed(compression.decompress(raw)));
        } catch (EOFException | ZipException | ZstdIOException e) {
            throw damaged(e);
        }
    }

    /** The first bytes of the content, by which a format is recognized. */
    public byte[] beginning() throws IOException {
        return content.peek(BEGINNING_LENGTH);
    }

    /** What is in the file; closing it closes the file. */
    public InputStream content() {
        return content;
    }

    /** Bytes of the file, compressed or not, that were read. */
    public long bytesRead() {
        return raw.count();
    }

    @Override
    public void close() throws IOException {
        content.close();
    }

    private DamagedInputException damaged(IOException e) {
        String what = "the " + compression.name().toLowerCase(Locale.ROOT) + " data ";
        return new DamagedInputException(
                "offset " + raw.count() + ": "
                        + (e instanceof EOFException
                                ? what + "end too early"
                                : what + "are damaged: " + e.getMessage()),
                e);
    }

    /** Says of damage where it is. */
    private final class Decompressed extends InputStream {
        private final InputStream in;

        Decompressed(InputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
        }

        @Override
        public int read(byte[] target, int from, int length) throws IOException {
            try {
                return in.read(target, from, length);
            } catch (EOFException | ZipException | ZstdIOException e) {
                throw damaged(e);
            }
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
