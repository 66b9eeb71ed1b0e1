package dev.penstock.store.internal.recovery;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.format.ValueReference;
import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.internal.segment.SegmentFactory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/**
 * Opens the large values of references, beside an owner that removes them.
 *
 * <p>A later owner may reuse the number of a removed value. The record of the new value has a higher sequence than any
 * reference to the old one, which distinguishes them.
 */
public final class ReferencedValues {

    private final SegmentFactory factory;
    private final LargeValueCheck check;

    ReferencedValues(SegmentFactory factory, LargeValueCheck check) {
        this.factory = factory;
        this.check = check;
    }

    /** Opens the value that a reference names; null if it is gone. */
    public @Nullable LargeSegment open(ValueReference reference) throws IOException {
        LargeSegment large = factory.openLarge(reference.number(), reference.keyLength(), reference.valueLength());
        large.follow();
        boolean kept = false;
        try {
            if (isAnother(large, reference)) {
                return null;
            }
            String damage = check.problem(large, reference);
            // The owner may have been writing the other one's record just now.
            if (!damage.isEmpty() && isAnother(large, reference)) {
                return null;
            }
            if (!damage.isEmpty()) {
                throw new CorruptionException(large.name(), 0, damage);
            }
            kept = true;
            return large;
        } catch (NoSuchFileException gone) {
            return null;
        } finally {
            if (!kept) {
                large.close();
            }
        }
    }

    /** Whether the number has been given to another value, which may still be on its way in. */
    private static boolean isAnother(LargeSegment large, ValueReference reference) throws IOException {
        ByteBuffer record = record(large);
        return record.getInt(RecordLayout.COMMIT_WORD_OFFSET) == 0
                || record.getLong(RecordLayout.SEQUENCE_OFFSET) > reference.sequence();
    }

    private static ByteBuffer record(LargeSegment large) throws IOException {
        ByteBuffer record = ByteBuffer.allocate(RecordLayout.BARE_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        large.file().read(record, SegmentHeader.LENGTH);
        return record;
    }
}
