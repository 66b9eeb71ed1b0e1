package dev.penstock.server.shard;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the memory of replies from the execution of their entries until the event loop takes them. What was executed
 * cannot be refused any more, so a reply that does not fit is replaced by one that says so. Thread-safe.
 */
public final class ReplyMemory {

    /** Replies up to this length do not count: the number of commands under way is bounded. */
    private static final int SHORT_LENGTH = 128;

    private final long most;
    private final byte[] replacement;
    private final AtomicLong held = new AtomicLong();

    /**
     * @param most bytes of all replies that count
     * @param replacement of a reply that does not fit, encoded
     */
    public ReplyMemory(long most, byte[] replacement) {
        this.most = most;
        this.replacement = replacement.clone();
    }

    /** The replies, or what takes their place. They are to be {@linkplain #release released}. */
    List<byte[]> hold(List<byte[]> replies) {
        List<byte[]> kept = new ArrayList<>(replies.size());
        for (byte[] reply : replies) {
            kept.add(counted(reply) == 0 || take(reply.length) ? reply : replacement);
        }
        return kept;
    }

    private boolean take(int length) {
        for (long now = held.get(); length <= most - now; now = held.get()) {
            if (held.compareAndSet(now, now + length)) {
                return true;
            }
        }
        return false;
    }

    private static int counted(byte[] reply) {
        return reply.length > SHORT_LENGTH ? reply.length : 0;
    }

    /** Lets replies go that {@link #hold} returned. */
    void release(List<byte[]> kept) {
        held.addAndGet(-kept.stream().mapToLong(ReplyMemory::counted).sum());
    }
}
