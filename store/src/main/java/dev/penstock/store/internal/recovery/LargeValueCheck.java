package dev.penstock.store.internal.recovery;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.internal.format.Checksum;
import dev.penstock.store.internal.format.FileNames;
import dev.penstock.store.internal.format.Identity;
import dev.penstock.store.internal.format.RecordHeader;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.format.ValueReference;
import dev.penstock.store.internal.io.DiskDirectory;
import dev.penstock.store.internal.io.DiskFile;
import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.internal.segment.RecordScanner;
import dev.penstock.store.internal.segment.Segment;
import dev.penstock.store.internal.segment.SegmentSet;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.NoSuchFileException;
import java.util.function.LongConsumer;

/** Whether the file of a large value holds the record that its reference refers to. */
public final class LargeValueCheck {

    private final DiskDirectory directory;
    private final Identity identity;

    public LargeValueCheck(DiskDirectory directory, Identity identity) {
        this.directory = directory;
        this.identity = identity;
    }

    /**
     * Reads the reference to a large value.
     *
     * @param position of the record that is said to be the reference
     * @throws CorruptionException if there is no sound one
     */
    public ValueReference reference(SegmentSet segments, long position, long number) {
        Segment segment = segments.requireSegment(position);
        RecordScanner record = new RecordScanner(
                segment.memory(),
                segments.position(segment.number(), 0),
                identity.salt(),
                segments.offset(position),
                segment.memory().byteSize());
        if (!record.next()) {
            throw new CorruptionException(segment.name(), record.offset(), record.problem());
        }
        RecordHeader header = record.header();
        if (header.kind() != RecordLayout.REFERENCE || header.referencedSegment() != number) {
            throw new CorruptionException(
                    segment.name(), record.offset(), "this is not the reference to large value " + number);
        }
        return ValueReference.of(header, record.salt());
    }

    /** What is wrong with the file of the value that is referred to; empty if nothing is. The value is not read. */
    public String problem(ValueReference reference) throws IOException {
        try (DiskFile file = directory.open(FileNames.largeValue(reference.number()), false)) {
            return problem(file, reference, sequence -> {});
        } catch (NoSuchFileException e) {
            return "the file is missing";
        }
    }

    /**
     * The same, with the value: reads all of it and compares its checksum.
     *
     * @param read told the bytes that were read, step by step; what it throws ends the check
     */
    public String problemWithValue(ValueReference reference, LongConsumer read) throws IOException {
        try (DiskFile file = directory.open(FileNames.largeValue(reference.number()), false)) {
            String problem = problem(file, reference, sequence -> {});
            return problem.isEmpty() ? valueProblem(file, reference, read) : problem;
        } catch (NoSuchFileException e) {
            return "the file is missing";
        }
    }

    /**
     * What is wrong with the file of a segment; the value is not read. The segment gets the sequence of the very record
     * that was compared: its file may be closed and opened again at any time, and another one is known by its sequence.
     */
    String problem(LargeSegment large, ValueReference reference) throws IOException {
        try {
            return problem(large.file(), reference, large::recordSequence);
        } catch (NoSuchFileException e) {
            return "the file is missing";
        }
    }

    private String problem(DiskFile file, ValueReference reference, LongConsumer sequenceConsumer) throws IOException {
        long number = reference.number();
        long expected = LargeSegment.fileLength(reference.keyLength(), reference.valueLength());
        if (file.size() < expected) {
            return "the file is cut short: it has " + file.size() + " bytes, not " + expected;
        }
        byte[] header = new byte[SegmentHeader.LENGTH];
        file.read(ByteBuffer.wrap(header), 0);
        if (!SegmentHeader.ofLargeValue(identity.storeId(), number).matches(header)) {
            return "this is not the header of large value " + number + " of store " + identity.storeId();
        }
        byte[] record = new byte[reference.recordHeaderLength()];
        file.read(ByteBuffer.wrap(record), SegmentHeader.LENGTH);
        long sequence = ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN).getLong(RecordLayout.SEQUENCE_OFFSET);
        if (!reference.refersTo(record, sequence, Checksum.salt(identity.salt(), Checksum.placeOfValue(number)))) {
            return "the file holds another record than the one that the log refers to: it is damaged, or was exchanged";
        }
        sequenceConsumer.accept(sequence);
        return "";
    }

    private String valueProblem(DiskFile file, ValueReference reference, LongConsumer read) throws IOException {
        long length = LargeSegment.fileLength(reference.keyLength(), reference.valueLength());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = file.map(length, false, arena);
            RecordScanner record = new RecordScanner(
                            memory,
                            Checksum.placeOfValue(reference.number()) - SegmentHeader.LENGTH,
                            identity.salt(),
                            SegmentHeader.LENGTH,
                            length)
                    .readingAhead();
            if (!record.next()) {
                return record.problem();
            }
            if (record.header().kind() != RecordLayout.LARGE_VALUE) {
                return "the record is not that of a large value";
            }
            return record.isValueSound(read) ? "" : "value checksum does not match";
        }
    }
}
