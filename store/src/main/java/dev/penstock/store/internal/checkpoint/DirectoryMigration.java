package dev.penstock.store.internal.checkpoint;

import dev.penstock.store.StoreFullException;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.io.NativeMemory;
import dev.penstock.store.internal.io.StoreLog;
import dev.penstock.store.internal.reclaim.Reclaimer;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Queue;
import org.agrona.concurrent.Agent;

/**
 * Moves the key directory to separate memory in huge pages after it was opened on the file of a checkpoint. The pages
 * of the file are small: nearly every lookup would miss the processor's address translations, the first store to each
 * page would copy it, and the kernel could evict the pages and read them again.
 *
 * <p>Small steps, soon after opening: first new pages are allocated, then one stripe after the other moves. If there is
 * no memory, or the file can no longer be read, the rest stays where it is. When all stripes have moved, the file's
 * mapping is retired, since readers may still look at it.
 */
public final class DirectoryMigration implements Agent {

    private static final long STEP_LENGTH = NativeMemory.HUGE_PAGE_LENGTH;

    private final KeyDirectory directory;
    private final Reclaimer reclaimer;
    private final Queue<MemorySegment> fresh = new ArrayDeque<>();
    private long populated;
    private boolean prepared;
    private boolean ended;
    private int moved;

    public DirectoryMigration(KeyDirectory directory, Reclaimer reclaimer) {
        this.directory = directory;
        this.reclaimer = reclaimer;
        this.ended = !directory.isOnImage();
    }

    @Override
    public int doWork() {
        if (ended) {
            return 0;
        }
        try {
            step();
        } catch (StoreFullException | OutOfMemoryError | InternalError e) {
            StoreLog.get().log(System.Logger.Level.WARNING, "the key directory stays on the checkpoint's file", e);
            ended = true;
        }
        return 1;
    }

    private void step() {
        if (!prepared) {
            fresh.addAll(directory.prepareToLeaveImage());
            prepared = true;
        } else if (!fresh.isEmpty()) {
            populate(fresh.element());
        } else if (moved < KeyDirectory.STRIPE_COUNT) {
            directory.leaveImage(moved);
            moved++;
        } else {
            reclaimer.retire(directory::releaseImage);
            ended = true;
        }
    }

    private void populate(MemorySegment memory) {
        long length = Math.min(STEP_LENGTH, memory.byteSize() - populated);
        NativeMemory.populateForWriting(memory, populated, length);
        populated += length;
        if (populated == memory.byteSize()) {
            fresh.remove();
            populated = 0;
        }
    }

    @Override
    public String roleName() {
        return "image-takeover";
    }
}
