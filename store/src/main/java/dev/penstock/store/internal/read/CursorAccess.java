package dev.penstock.store.internal.read;

import dev.penstock.store.internal.io.StoreErrors;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * Operations on the value that a view shows, which embedders do not see: on its frame, its file and its checksum. Only
 * {@code dev.penstock.store.transfer} uses this class.
 *
 * <p>Static, so that a read through it allocates no object.
 */
public final class CursorAccess {

    private CursorAccess() {}

    /** When a value expires, in milliseconds since 1970; {@code RecordLayout.NO_EXPIRY} if it never does. */
    public static long expiryMillis(RecordCursor value) {
        value.checkUsable();
        return value.recordExpiryMillis();
    }

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
}
