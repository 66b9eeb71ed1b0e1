package dev.penstock.store.repair;

import dev.penstock.store.internal.checkpoint.CheckpointFile;
import dev.penstock.store.internal.checkpoint.CheckpointState.ReferenceState;
import dev.penstock.store.internal.checkpoint.StoredImage;
import dev.penstock.store.internal.index.KeyDirectory;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the image in the checkpoint says about records: which of them were current at its time. Where a part of the log
 * is lost, it tells a record that is still current from one whose removal or replacement is lost.
 *
 * <p>One thread.
 */
final class Evidence implements AutoCloseable {

    private final StoredImage image;
    private final KeyDirectory keys;
    private final long[] replayFrom = new long[KeyDirectory.STRIPE_COUNT];
    private final Map<Long, Long> references = new HashMap<>();

    private Evidence(StoredImage image, KeyDirectory keys) {
        this.image = image;
        this.keys = keys;
        for (int stripe = 0; stripe < replayFrom.length; stripe++) {
            replayFrom[stripe] = image.state().stripes().get(stripe).replayFrom();
        }
        for (ReferenceState reference : image.state().references()) {
            references.put(reference.number(), reference.position());
        }
    }

    /** Returns null if there is no image, or it is damaged. */
    static @Nullable Evidence of(DamagedFiles files) {
        StoredImage image = null;
        KeyDirectory keys = null;
        Evidence evidence = null;
        try {
            Optional<StoredImage> found =
                    new CheckpointFile(files.place).openImage(files.identity.storeId(), files.identity.segmentShift());
            if (found.isPresent()) {
                image = found.get();
                keys = new KeyDirectory(files.segments, files.identity.salt());
                if (image.load(keys)) {
                    evidence = new Evidence(image, keys);
                }
            }
            return evidence;
        } catch (IOException unreadable) {
            return null;
        } finally {
            if (evidence == null) {
                close(image, keys);
            }
        }
    }

    /** Whether the checkpoint knows about a record: it was written before the checkpoint. */
    boolean covers(long hash, long position) {
        return position < replayFrom[KeyDirectory.stripe(hash)];
    }

    /** Everything about a key below this position is known. */
    long knownUpTo(long hash) {
        return replayFrom[KeyDirectory.stripe(hash)];
    }

    /** Whether a record was the current one of its key. */
    boolean wasCurrent(long hash, long position) {
        return keys.isCurrent(hash, position);
    }

    /** Whether a large value was current. */
    boolean hadReferenceTo(long hash, long valueNumber) {
        Long position = references.get(valueNumber);
        return position != null && keys.isCurrent(hash, position);
    }

    /** Keys that were current. */
    long keyCount() {
        return keys.count();
    }

    private static void close(@Nullable StoredImage image, @Nullable KeyDirectory keys) {
        if (keys != null) {
            keys.close();
        }
        if (image != null) {
            try {
                image.close();
            } catch (IOException ignored) {
                // It was only read.
            }
        }
    }

    @Override
    public void close() {
        close(image, keys);
    }
}
