package dev.penstock.store.internal.write;

import dev.penstock.store.internal.format.Checksum;
import dev.penstock.store.internal.log.Log;
import java.io.IOException;

/** Appends one record, under the lock of its key's stripe. */
final class RecordAppend extends LogAppend {

    /** What is appended. */
    final RecordDraft draft = new RecordDraft();
    /** What it takes the place of, {@linkplain CurrentRecords#find looked up} before. */
    final CurrentRecord found = new CurrentRecord();

    final Checksum checksum = new Checksum();

    private final CurrentRecords current;
    private long hash;

    RecordAppend(Log log, LargeValues largeValues, CurrentRecords current, long salt) {
        super(log, largeValues, salt);
        this.current = current;
    }

    /**
     * Appends the draft.
     *
     * @param keyHash of its key
     * @return the sequence of the record
     */
    long run(long keyHash) throws IOException {
        hash = keyHash;
        try {
            return run();
        } finally {
            draft.clear();
        }
    }

    @Override
    void claim(Log tail) throws IOException {
        if (!draft.isRemoval()) {
            current.reserve(found, hash);
        }
        tail.claim(claim, draft.commitWord, draft.valueLength);
    }

    @Override
    int store() throws IOException {
        store(draft, claim.offset(), claim.sequence());
        return draft.commitWord;
    }

    @Override
    void install() {
        if (draft.isRemoval()) {
            current.remove(found, hash);
        } else {
            current.install(
                    found, hash, claim.segment(), claim.offset(), claim.length(), draft.expiryMillis, draft.large);
        }
    }
}
