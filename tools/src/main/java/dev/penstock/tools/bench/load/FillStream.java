package dev.penstock.tools.bench.load;

import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** Stores every key once, by the first worker that reaches it. */
final class FillStream extends OneOffStream {

    private final long count;
    private final AtomicLong next;
    private final LongAdder bytes;
    private final ValueSizes sizes;
    private final SplittableRandom random;

    /**
     * @param next number of the next key, shared by all workers
     * @param bytes counts the bytes of values, shared by all workers
     */
    FillStream(LoadPlan plan, AtomicLong next, LongAdder bytes, SplittableRandom random) {
        this.count = plan.keyCount();
        this.sizes = plan.sizes();
        this.next = next;
        this.bytes = bytes;
        this.random = random;
    }

    @Override
    boolean hasNext() {
        return next.get() < count;
    }

    @Override
    public void send(LoadConnection connection, long now) {
        long key = next.getAndIncrement();
        if (key < count) {
            long length = sizes.next(random);
            connection.set(Step.FILL, key, now, length);
            bytes.add(length);
        }
    }
}
