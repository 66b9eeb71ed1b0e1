package dev.penstock.store.internal.recovery;

import dev.penstock.store.internal.format.Checksum;
import dev.penstock.store.internal.format.FileNames;
import dev.penstock.store.internal.format.Identity;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.io.DiskDirectory;
import dev.penstock.store.internal.io.DiskFile;
import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.internal.segment.RecordScanner;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.NoSuchFileException;

/** Whether the file of a large value is what its reference says. */
public final class LargeValueCheck {

    private final DiskDirectory directory;
    private final Identity identity;

    public LargeValueCheck(DiskDirectory directory, Identity identity) {
        this.directory = directory;
        this.identity = identity;
    }

    /**
     * What is wrong with the file; empty if nothing is.
     *
     * @param readValue whether to read all of the value and compare its checksum
     */
    public String problem(long number, int keyLength, long valueLength, boolean readValue) throws IOException {
        try (DiskFile file = directory.open(FileNames.largeValue(number), false)) {
            return problem(file, number, keyLength, valueLength, readValue);
        } catch (NoSuchFileException e) {
            return "the file is missing";
        }
    }

    /** The same for a segment, of whose record the sequence is noted; the value is not read. */
    String problem(LargeSegment large) throws IOException {
        try {
            String problem = problem(large.file(), large.number(), large.keyLength(), large.valueLength(), false);
            if (problem.isEmpty()) {
                large.recordSequence(recordSequence(large.file()));
            }
            return problem;
        } catch (NoSuchFileException e) {
            return "the file is missing";
        }
    }

    /** Sequence of the record in the file of a large value. */
    static long recordSequence(DiskFile file) throws IOException {
        ByteBuffer record = ByteBuffer.allocate(RecordLayout.BARE_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        file.read(record, SegmentHeader.LENGTH);
        return record.getLong(RecordLayout.SEQUENCE_OFFSET);
    }

    /** The same for a file that is open. */
    String problem(DiskFile file, long number, int keyLength, long valueLength, boolean readValue) throws IOException {
        long expected = LargeSegment.fileLength(keyLength, valueLength);
        if (file.size() < expected) {
            return "the file is cut short: it has " + file.size() + " bytes, not " + expected;
        }
        byte[] header = new byte[SegmentHeader.LENGTH];
        file.read(ByteBuffer.wrap(header), 0);
        if (!SegmentHeader.ofLargeValue(identity.storeId(), number).matches(header)) {
            return "this is not the header of large value " + number + " of store " + identity.storeId();
        }
        return readValue ? recordProblem(file, number, expected) : "";
    }

    private String recordProblem(DiskFile file, long number, long length) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = file.map(length, false, arena);
            RecordScanner record = new RecordScanner(
                    memory,
                    Checksum.placeOfValue(number) - SegmentHeader.LENGTH,
                    identity.salt(),
                    SegmentHeader.LENGTH,
                    length);
            if (!record.next()) {
                return record.problem();
            }
            if (record.header().kind() != RecordLayout.LARGE_VALUE) {
                return "the record is not that of a large value";
            }
            return record.isValueSound() ? "" : "value checksum does not match";
        }
    }
}
