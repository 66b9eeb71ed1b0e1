package dev.penstock.store.internal.engine;

import dev.penstock.store.internal.index.Lookahead;
import dev.penstock.store.internal.io.Pipe;
import dev.penstock.store.internal.read.DirectoryScan;
import dev.penstock.store.internal.read.ReadPath;
import dev.penstock.store.internal.read.RecordCursor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Operations on a store and on a value that is being written, which embedders do not see. {@code
 * dev.penstock.store.transfer} reaches the engine through this class and {@link CursorAccess} alone, and nothing else
 * uses them.
 *
 * <p>Static, so that a read through it allocates no object.
 */
public final class TransferAccess {

    private TransferAccess() {}

    // --- a store ---

    /** See {@link ReadPath#locate}. */
    public static boolean locate(OpenStore store, KeyBytes key, RecordCursor cursor) {
        return store.reads.locate(key.array, key.offset, key.length, cursor);
    }

    /** See {@link ReadPath#copyFrame}. */
    public static <C extends RecordCursor> long copyFrame(
            OpenStore store, KeyBytes key, Supplier<C> cursors, ByteBuffer target, int maxLength) {
        return store.reads.copyFrame(key.array, key.offset, key.length, cursors, target, maxLength);
    }

    /** See {@link DirectoryScan#scanKeys}. */
    public static <C extends RecordCursor> long scanKeys(
            OpenStore store, long position, int minKeys, Supplier<C> cursors, Consumer<byte[]> visitor) {
        return store.scans.scanKeys(position, minKeys, cursors, visitor);
    }

    public static Lookahead lookahead(OpenStore store) {
        return store.engine.directory.lookahead(store.engine.factory.addresses());
    }

    public static void add(OpenStore store, KeyBytes key, Lookahead lookahead) {
        lookahead.add(store.engine.directory.hash(key.array, key.offset, key.length));
    }

    public static void prefetch(OpenStore store, Lookahead lookahead) {
        store.reads.prefetch(lookahead);
    }

    // --- a value on its way in ---

    /** See {@link UnfinishedValue#take}. */
    public static void take(UnfinishedValue value, ByteBuffer whole) throws IOException {
        value.take(whole);
    }

    /** See {@link UnfinishedValue#sequence}. */
    public static long sequence(UnfinishedValue value) {
        return value.sequence();
    }

    /** See {@link UnfinishedValue#pieceLength}. */
    public static int pieceLength(UnfinishedValue value) {
        return value.pieceLength();
    }

    /** Reads once from a channel into the mapped file of a large value. */
    public static int receiveIntoMapping(UnfinishedValue value, ReadableByteChannel source, int limit)
            throws IOException {
        return value.receive(source, limit, true);
    }

    /** See {@link UnfinishedValue#receive(Pipe)}. */
    public static long receive(UnfinishedValue value, Pipe source) throws IOException {
        return value.receive(source);
    }
}
