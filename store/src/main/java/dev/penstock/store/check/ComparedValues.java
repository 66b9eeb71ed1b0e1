package dev.penstock.store.check;

import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.segment.RecordScanner;
import java.util.HashSet;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * The values of a segment, compared with their checksums by a thread that is ahead of the walk. It stops at the first
 * place that holds no sound record, which may be the end of a log that is being written. The walk compares what lies
 * behind that.
 *
 * @param end offset of the first record that was not looked at
 * @param unsound offsets of the records before that whose values do not match
 */
record ComparedValues(long end, Set<Long> unsound) {

    /** @param records at the beginning of the segment */
    static ComparedValues of(RecordScanner records, LongConsumer read) {
        Set<Long> unsound = new HashSet<>();
        boolean leadsOn = false;
        while (!leadsOn && records.next()) {
            if (!records.isValueSound()) {
                unsound.add(records.offset());
            }
            leadsOn = records.header().kind() == RecordLayout.ROLL;
            read.accept(records.length());
        }
        return new ComparedValues(records.nextOffset(), unsound);
    }

    /** Whether the value of a record does not match its checksum. */
    boolean isUnsound(RecordScanner record) {
        return record.offset() < end ? unsound.contains(record.offset()) : !record.isValueSound();
    }
}
