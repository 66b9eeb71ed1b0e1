package dev.penstock.store.internal.write;

import dev.penstock.store.internal.format.Checksum;
import dev.penstock.store.internal.format.RecordHeader;
import dev.penstock.store.internal.log.Claim;
import dev.penstock.store.internal.log.Log;
import java.io.IOException;

/**
 * Appends a record, or a batch of records that count by one commit word, to the log. The order of the steps decides
 * what an error means:
 *
 * <ol>
 * <li>Claim space at the tail. If that fails, nothing has happened.
 *   <li>Store everything but the commit word. If that fails, the claim becomes padding.
 *   <li>Publish, which stores the commit word.
 *   <li>Point the key directory at the records. An error from the publication on fails the store; see {@link
 *       Log#giveUp}.
 * </ol>
 *
 * <p>Reused from write to write; one thread at a time.
 */
abstract class LogAppend {

    final Claim claim = new Claim();
    final RecordHeader header = new RecordHeader();

    private final Log log;
    private final LargeValues largeValues;
    private final long salt;

    LogAppend(Log log, LargeValues largeValues, long salt) {
        this.log = log;
        this.largeValues = largeValues;
        this.salt = salt;
    }

    /** Claims the room. */
    abstract void claim(Log tail) throws IOException;

    /** Stores all that was claimed for but the commit word; returns that word. */
    abstract int store() throws IOException;

    /** Points the key directory at what is published. Neither reads files nor asks for memory. */
    abstract void install();

    /** Appends, and returns the sequence of the first record. */
    final long run() throws IOException {
        claim(log);
        try {
            int commitWord = store();
            log.publish(claim, commitWord);
            install();
            claim.finish();
            return claim.sequence();
        } catch (IOException | RuntimeException | Error e) {
            log.giveUp(claim, header, e);
            throw e;
        }
    }

    /** Stores a record of the claim, all but its commit word, and completes the large value that it refers to first. */
    final void store(RecordDraft draft, long offset, long sequence) throws IOException {
        if (draft.large != null) {
            claim.carry(draft.large);
            if (draft.isFirstReference) {
                largeValues.complete(draft.large, draft.key, sequence, draft.valueChecksum, header);
            }
        }
        draft.store(claim.segment().memory(), offset, sequence, saltAt(offset), header);
    }

    /** What checksums of a record at an offset of the claimed segment are salted with. */
    final int saltAt(long offset) {
        return Checksum.salt(salt, claim.position() - claim.offset() + offset);
    }
}
