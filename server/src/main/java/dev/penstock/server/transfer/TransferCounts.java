package dev.penstock.server.transfer;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** What moved how, for INFO. Written by one event loop, without a barrier; read by any thread as it was a moment ago. */
public final class TransferCounts {

    private static final class Count {

        private final AtomicLong value = new AtomicLong();
        private volatile long forgotten;

        void add(long n) {
            value.setOpaque(value.getPlain() + n);
        }

        long get() {
            return value.getOpaque() - forgotten;
        }

        void forget() {
            forgotten = value.getOpaque();
        }
    }

    private record Counts(Count sentBytes, Count sentChunks, Count receivedBytes) {

        Counts() {
            this(new Count(), new Count(), new Count());
        }

        List<Count> all() {
            return List.of(sentBytes, sentChunks, receivedBytes);
        }
    }

    private final Map<Mode, Counts> counts = new EnumMap<>(Mode.class);
    private final Count diskReads = new Count();

    public TransferCounts() {
        for (Mode mode : Mode.values()) {
            counts.put(mode, new Counts());
        }
    }

    void sent(Mode mode, long bytes) {
        counts.get(mode).sentBytes.add(bytes);
        counts.get(mode).sentChunks.add(1);
    }

    void received(Mode mode, long bytes) {
        counts.get(mode).receivedBytes.add(bytes);
    }

    void diskRead() {
        diskReads.add(1);
    }

    /** Adds another event loop's counts to these, which are nobody's own. */
    public void add(TransferCounts other) {
        counts.forEach((mode, mine) -> {
            Counts others = other.counts.get(mode);
            for (int i = 0; i < mine.all().size(); i++) {
                mine.all().get(i).add(others.all().get(i).get());
            }
        });
        diskReads.add(other.diskReads.get());
    }

    /** Bytes of values that were sent that way, those that were small enough to be copied into a reply aside. */
    public long sentBytes(Mode mode) {
        return counts.get(mode).sentBytes.get();
    }

    /** In how many stretches they were sent, those that the socket had no room for included. */
    public long sentChunks(Mode mode) {
        return counts.get(mode).sentChunks.get();
    }

    /** Bytes of large values that were taken in that way. */
    public long receivedBytes(Mode mode) {
        return counts.get(mode).receivedBytes.get();
    }

    /** How often the disk was asked beside the event loop, because a stretch was not in memory or was to stay out of it. */
    public long diskReads() {
        return diskReads.get();
    }

    /** Begins counting anew, without disturbing the thread that counts. */
    public void forget() {
        counts.values().forEach(mine -> mine.all().forEach(Count::forget));
        diskReads.forget();
    }
}
