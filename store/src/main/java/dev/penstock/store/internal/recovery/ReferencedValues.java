package dev.penstock.store.internal.recovery;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.internal.format.FileNames;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.internal.segment.SegmentFactory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.NoSuchFileException;

/**
 * Opens the large values that references name, beside an owner that removes them.
 *
 * <p>An owner may give the number of a value that is gone to another one, after it was opened anew. The other one's record
 * has a higher sequence than any reference to the first, which tells them apart.
 */
public final class ReferencedValues {

    private final SegmentFactory factory;
    private final LargeValueCheck check;
    private final boolean verifyValues;

    ReferencedValues(SegmentFactory factory, LargeValueCheck check, boolean verifyValues) {
        this.factory = factory;
        this.check = check;
        this.verifyValues = verifyValues;
    }

    /**
     * Opens the value that a reference names; null if it is gone.
     *
     * @param sequence of the reference
     */
    public LargeSegment open(long number, int keyLength, long valueLength, long sequence) throws IOException {
        LargeSegment large = factory.openLarge(number, keyLength, valueLength);
        large.follow();
        boolean kept = false;
        try {
            ByteBuffer record = ByteBuffer.allocate(RecordLayout.BARE_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
            large.file().read(record, SegmentHeader.LENGTH);
            long recordSequence = record.getLong(RecordLayout.SEQUENCE_OFFSET);
            if (record.getInt(RecordLayout.COMMIT_WORD_OFFSET) == 0 || recordSequence > sequence) {
                return null;
            }
            String damage = check.problem(large.file(), number, keyLength, valueLength, verifyValues);
            if (!damage.isEmpty()) {
                throw new CorruptionException(FileNames.largeValue(number), 0, damage);
            }
            large.recordSequence(recordSequence);
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
}
