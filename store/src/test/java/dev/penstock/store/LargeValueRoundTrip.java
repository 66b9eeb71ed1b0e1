package dev.penstock.store;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;

/**
 * A separate program, started with a small heap: puts a value that is many times as long, without saying how long it
 * will be, and reads it back in several ways. Every eight bytes of the value say where they stand.
 */
final class LargeValueRoundTrip {

    private static final int PIECE_LENGTH = 1 << 20;
    private static final byte[] KEY = {'l', 'o', 'n', 'g'};

    private LargeValueRoundTrip() {}

    public static void main(String[] args) throws IOException {
        Path directory = Path.of(args[0]);
        long length = Long.parseLong(args[1]);
        try (Store store = Store.open(directory)) {
            write(store, length);
            try (ValueView view = store.get(KEY)) {
                check(view.length() == length, "length " + view.length());
                readSlices(view);
                for (long offset : new long[] {0, length / 2 & -8, length - 4096}) {
                    try (Checking channel = new Checking(offset)) {
                        long count = Math.min(512L << 20, length - offset);
                        check(view.writeTo(channel, offset, count) == count, "written from " + offset);
                    }
                }
                store.put(KEY, new byte[] {1});
                readSlices(view);
            }
            store.sync();
        }
        try (Store store = Store.open(directory)) {
            check(store.fileBytes() < 1L << 30, "the room is given back: " + store.fileBytes());
        }
        System.out.println("sound");
    }

    private static void write(Store store, long length) throws IOException {
        ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        try (ValueWriter writer = store.putStream(KEY)) {
            for (long done = 0; done < length; done += PIECE_LENGTH) {
                piece.clear();
                for (int i = 0; i < PIECE_LENGTH; i += Long.BYTES) {
                    piece.putLong(i, done + i);
                }
                check(writer.write(piece) == PIECE_LENGTH, "all of a piece");
            }
            writer.commit();
        }
    }

    private static void readSlices(ValueView view) {
        for (long offset = 0; offset < view.length(); offset += (97L << 20) + 8) {
            MemorySegment slice = view.slice(offset, Long.BYTES);
            check(slice.get(ValueLayout.JAVA_LONG_UNALIGNED, 0) == offset, "at " + offset);
        }
        MemorySegment whole = view.segment();
        check(whole.get(ValueLayout.JAVA_LONG_UNALIGNED, view.length() - 8) == view.length() - 8, "the end");
    }

    /** Compares what it is given with what must stand there. */
    private static final class Checking implements WritableByteChannel {

        private long offset;

        Checking(long offset) {
            this.offset = offset;
        }

        @Override
        public int write(ByteBuffer source) {
            ByteBuffer bytes = source.order(ByteOrder.LITTLE_ENDIAN);
            int count = bytes.remaining() & -Long.BYTES;
            for (int i = 0; i < count; i += Long.BYTES) {
                check(bytes.getLong(bytes.position() + i) == offset + i, "sent from " + offset);
            }
            source.position(source.position() + count);
            offset += count;
            return count;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new IllegalStateException("not as it should be: " + what);
        }
    }
}
