package dev.penstock.store.internal.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;

/** A UUID in its own byte order, which is big-endian wherever it stands. */
final class Uuids {

    private Uuids() {}

    static void put(ByteBuffer buffer, int offset, UUID id) {
        ByteBuffer bigEndian = buffer.duplicate().order(ByteOrder.BIG_ENDIAN);
        bigEndian.putLong(offset, id.getMostSignificantBits());
        bigEndian.putLong(offset + Long.BYTES, id.getLeastSignificantBits());
    }

    static UUID get(ByteBuffer buffer, int offset) {
        ByteBuffer bigEndian = buffer.duplicate().order(ByteOrder.BIG_ENDIAN);
        return new UUID(bigEndian.getLong(offset), bigEndian.getLong(offset + Long.BYTES));
    }
}
