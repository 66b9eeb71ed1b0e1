package dev.penstock.store.internal.checkpoint;

import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.io.Memory;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Queue;
import org.agrona.concurrent.Agent;

/**
 * Gives the process pages of its own in place of those of the checkpoint's file, which the key directory was opened with:
 * the kernel could take those back and would have to read them again, and the first store to each would take longer.
 * Small steps, soon after opening.
 */
public final class ImageTakeover implements Agent {

    private static final long STEP_LENGTH = 1L << 20;

    private final Queue<MemorySegment> memories;
    private long done;

    public ImageTakeover(KeyDirectory directory) {
        this.memories = new ArrayDeque<>(directory.adopted());
    }

    @Override
    public int doWork() {
        MemorySegment memory = memories.peek();
        if (memory == null) {
            return 0;
        }
        long length = Math.min(STEP_LENGTH, memory.byteSize() - done);
        Memory.populateForWriting(memory, done, length);
        done += length;
        if (done == memory.byteSize()) {
            memories.remove();
            done = 0;
        }
        return 1;
    }

    @Override
    public String roleName() {
        return "image-takeover";
    }
}
