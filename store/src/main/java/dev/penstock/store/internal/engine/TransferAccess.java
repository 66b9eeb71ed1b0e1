package dev.penstock.store.internal.engine;

import dev.penstock.store.internal.index.Lookahead;
import dev.penstock.store.internal.io.Pipe;
import dev.penstock.store.internal.io.StoreErrors;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Operations on objects of the public API that embedders do not see. {@code dev.penstock.store.transfer} reaches the
 * engine through this class alone, and nothing else uses it.
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

    /** See {@link ReadPath#scanKeys}. */
    public static <C extends RecordCursor> long scanKeys(
            OpenStore store, long position, int minKeys, Supplier<C> cursors, Consumer<byte[]> visitor) {
        return store.reads.scanKeys(position, minKeys, cursors, visitor);
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

    /** When a value expires, in milliseconds since 1970; {@code RecordLayout.NO_EXPIRY} if it never does. */
    public static long expiryMillis(RecordCursor value) {
        value.checkUsable();
        return value.recordExpiryMillis();
    }

    // --- a value in its file ---

    /** Something done with a value's file. */
    @FunctionalInterface
    public interface FileCall extends RecordCursor.Call {}

    /** Length of the value with the frame around it, in bytes. */
    public static long frameLength(RecordCursor value) {
        value.checkUsable();
        return value.boundFrameLength();
    }

    /** Offset of the frame in the value's file. */
    public static long frameStart(RecordCursor value) {
        return value.frameStart();
    }

    /** Copies from an offset of the file as much as the buffer has space for; returns how much. */
    public static int copy(RecordCursor value, long fileOffset, ByteBuffer target, long available) {
        return value.copy(fileOffset, target, available);
    }

    public static long call(RecordCursor value, FileCall call) throws IOException {
        return value.callFile(call);
    }

    /** See {@link RecordCursor#refuseShortFile}. */
    public static void refuseShortFile(RecordCursor value, long count, long fileOffset, long wanted)
            throws IOException {
        value.refuseShortFile(count, fileOffset, wanted);
    }

    /** A part of the mapped file, for a caller that expects it to be unmapped when the store is closed meanwhile. */
    public static MemorySegment memory(RecordCursor value, long fileOffset, long length) {
        value.checkBound();
        return value.readableMemory().asSlice(fileOffset, length);
    }

    /** What turns errors of reading the value into exceptions. */
    public static StoreErrors errors(RecordCursor value) {
        return value.errors();
    }

    /** See {@link RecordCursor#valueChecksum}. */
    public static int valueChecksum(RecordCursor value) {
        value.checkUsable();
        return value.valueChecksum();
    }

    public static boolean isUnverified(RecordCursor value) {
        return value.isUnverified();
    }

    /** See {@link RecordCursor#requireVerification}. */
    public static void requireVerification(RecordCursor value) {
        value.requireVerification();
    }

    /** See {@link RecordCursor#verifyBound}. */
    public static void verify(RecordCursor value) {
        value.verifyBound();
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
