package dev.penstock.store.check;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A record of the log.
 *
 * @param file name of the segment's file
 * @param offset offset of the record in the file, in bytes
 * @param position the same in the whole log
 * @param length bytes of the record; that of a large value is not included
 * @param kind what the record says
 * @param sequence number of the write
 * @param key the key; empty if the kind has none
 * @param valueLength length of the value in bytes; for records without a value what format.md says
 * @param expiry when the value expires; null if it never does
 * @param valueNumber number of the large value that the record refers to; 0 if it refers to none
 * @param current whether the record is the current one of its key
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record RecordSummary(
        String file,
        long offset,
        long position,
        long length,
        RecordKind kind,
        long sequence,
        byte[] key,
        long valueLength,
        @Nullable Instant expiry,
        long valueNumber,
        boolean current) {}
