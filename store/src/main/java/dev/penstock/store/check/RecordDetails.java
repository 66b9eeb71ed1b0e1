package dev.penstock.store.check;

import org.jspecify.annotations.Nullable;

/**
 * What is at a place of the log.
 *
 * @param file name of the segment's file
 * @param offset offset in the file, in bytes
 * @param position the same in the whole log
 * @param record the record there; null if there is no sound one
 * @param problem why there is none, or what is wrong with its value; empty if it is sound
 * @param bytes the first bytes of the record, or of what is there instead: 4096 at most
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record RecordDetails(
        String file, long offset, long position, @Nullable RecordSummary record, String problem, byte[] bytes) {}
