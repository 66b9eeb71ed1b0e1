package dev.penstock.store;

import dev.penstock.store.internal.background.AgentThread;
import dev.penstock.store.internal.format.Identity;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.index.AppliedMark;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.io.Disk;
import dev.penstock.store.internal.io.DiskDirectory;
import dev.penstock.store.internal.reclaim.Reclaimer;
import dev.penstock.store.internal.recovery.Recovered;
import dev.penstock.store.internal.recovery.Recovery;
import dev.penstock.store.internal.recovery.StoreCreation;
import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.internal.segment.SegmentFactory;
import dev.penstock.store.internal.segment.SegmentSet;
import dev.penstock.store.threat.power.PowerLossHistory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * The store's own recovery, run on one disk after the other without the rest of a store: no threads, no lock, one key
 * directory for all. The segments are never closed, since their memory is the disk's.
 *
 * <p>One thread.
 */
public final class RecoveryCheck implements AutoCloseable {

    private final Path path;
    private final Identity identity;
    private final byte[][] keys;
    private final Reclaimer reclaimer = new Reclaimer(new AgentThread("never started"));
    private final SegmentSet segments;
    private final KeyDirectory directory;
    private final PowerLossHistory.Entry[] entries;
    private long openingSequence;

    /** @param path of a directory that is there and empty, for the names */
    public RecoveryCheck(Path path, Identity identity, byte[][] keys) {
        this.path = path;
        this.identity = identity;
        this.keys = keys;
        this.segments = new SegmentSet(identity.segmentShift());
        this.directory = new KeyDirectory(segments, identity.salt());
        this.entries = new PowerLossHistory.Entry[keys.length + 1];
    }

    /**
     * What each key has, null where it is absent, and behind them the mark; null if there is no store. The values lie
     * in the disk's memory, and the array is used again.
     *
     * @param sameBoot whether it was only the process that died
     */
    public PowerLossHistory.Entry[] recover(Disk disk, boolean sameBoot) throws IOException {
        return recover(disk.openDirectory(path), false, sameBoot);
    }

    /**
     * The same for any directory.
     *
     * @param readOnly whether to recover as a reader does
     */
    public PowerLossHistory.Entry[] recover(DiskDirectory place, boolean readOnly, boolean sameBoot)
            throws IOException {
        StoreCreation creation = new StoreCreation(place);
        if (!creation.exists()) {
            return null;
        }
        if (!creation.read().equals(identity)) {
            throw new AssertionError("another store");
        }
        segments.logSegments().forEach(segments::remove);
        segments.largeSegments().clear();
        directory.clear();
        SegmentFactory factory = new SegmentFactory(place, identity.storeId(), identity.segmentShift(), reclaimer);
        Recovered recovered = new Recovery(place, identity, segments, factory, directory, readOnly, sameBoot).run();
        openingSequence = recovered.openingSequence();
        int count = 0;
        for (int i = 0; i < keys.length; i++) {
            entries[i] = entry(keys[i]);
            count += entries[i] == null ? 0 : 1;
        }
        AppliedMark mark = directory.mark();
        entries[keys.length] = mark == null
                ? null
                : new PowerLossHistory.Entry(MemorySegment.ofArray(mark.bytes()), RecordLayout.NO_EXPIRY);
        if (directory.count() != count) {
            throw new AssertionError(directory.count() + " keys are there, " + count + " of them known");
        }
        return entries;
    }

    /** The sequence that a store passes which continues from what was recovered last. */
    public long openingSequence() {
        return openingSequence;
    }

    private PowerLossHistory.Entry entry(byte[] key) throws IOException {
        long position = directory.find(directory.hash(key, 0, key.length), key, 0, key.length);
        if (position == 0) {
            return null;
        }
        MemorySegment memory = segments.segment(position).memory();
        long offset = segments.offset(position);
        int commitWord = RecordLayout.commitWord(memory, offset);
        long length = RecordLayout.valueLength(memory, offset);
        long start = RecordLayout.valueOffset(offset, commitWord, length);
        long expiryMillis = RecordLayout.isExpiring(commitWord)
                ? RecordLayout.expiryMillis(memory, offset, commitWord)
                : RecordLayout.NO_EXPIRY;
        if (RecordLayout.kind(commitWord) == RecordLayout.REFERENCE) {
            LargeSegment large = segments.large(RecordLayout.referencedSegment(memory, offset, commitWord));
            memory = large.memory();
            start = large.valueOffset();
        }
        return new PowerLossHistory.Entry(memory.asSlice(start, length), expiryMillis);
    }

    @Override
    public void close() {
        directory.close();
    }
}
