package dev.penstock.server.transfer;

import dev.penstock.server.TransferMode;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Bytes moved, by transfer mode. Written by one event loop, without a barrier; any thread may read a slightly older
 * count.
 */
public final class TransferCounts {

    /** What bytes that were sent are counted as. */
    public static final List<TransferMode> WAYS_OUT = List.of(
            TransferMode.COPY, TransferMode.MAPPED, TransferMode.SENDFILE, TransferMode.SPLICE, TransferMode.DIRECT);

    /** What bytes that were received are counted as. */
    public static final List<TransferMode> WAYS_IN =
            List.of(TransferMode.COPY, TransferMode.MAPPED, TransferMode.SPLICE);

    private record Counts(
            Counter sentBytes, Counter sentChunks, Counter sentValues, Counter receivedBytes, Counter receivedValues) {

        Counts() {
            this(new Counter(), new Counter(), new Counter(), new Counter(), new Counter());
        }

        List<Counter> all() {
            return List.of(sentBytes, sentChunks, sentValues, receivedBytes, receivedValues);
        }
    }

    private final Map<TransferMode, Counts> counts = new EnumMap<>(TransferMode.class);
    private final Counter diskReads = new Counter();

    public TransferCounts() {
        for (TransferMode mode : TransferMode.values()) {
            counts.put(mode, new Counts());
        }
    }

    private Counts counts(TransferMode mode) {
        return Objects.requireNonNull(counts.get(mode)); // there are some for each mode
    }

    void sent(TransferMode mode, long bytes) {
        Counts mine = counts(mode);
        mine.sentBytes.add(bytes);
        mine.sentChunks.add(1);
    }

    /** Notes that the last byte of a value, or of a part of one, was sent. */
    void sentValue(TransferMode mode) {
        counts(mode).sentValues.add(1);
    }

    void received(TransferMode mode, long bytes) {
        counts(mode).receivedBytes.add(bytes);
    }

    /** Notes that a value is complete. */
    void receivedValue(TransferMode mode) {
        counts(mode).receivedValues.add(1);
    }

    void diskRead() {
        diskReads.add(1);
    }

    /** Adds another event loop's counts to these, which belong to no loop. */
    public void add(TransferCounts other) {
        counts.forEach((mode, mine) -> {
            Counts others = other.counts(mode);
            for (int i = 0; i < mine.all().size(); i++) {
                mine.all().get(i).add(others.all().get(i));
            }
        });
        diskReads.add(other.diskReads);
    }

    /** Bytes of values that were sent that way, those that were small enough to be copied into a reply aside. */
    public Counter sentBytes(TransferMode mode) {
        return counts(mode).sentBytes;
    }

    /** In how many stretches they were sent, those that the socket had no space for included. */
    public Counter sentChunks(TransferMode mode) {
        return counts(mode).sentChunks;
    }

    /** How many values, or parts of them, were sent of which the last byte went that way. */
    public Counter sentValues(TransferMode mode) {
        return counts(mode).sentValues;
    }

    /** How many large values were taken in of which the last byte came that way. */
    public Counter receivedValues(TransferMode mode) {
        return counts(mode).receivedValues;
    }

    /** Bytes of large values that were taken in that way. */
    public Counter receivedBytes(TransferMode mode) {
        return counts(mode).receivedBytes;
    }

    /**
     * Number of reads from the disk by other threads, because a stretch was not in memory or was to stay out of it.
     */
    public Counter diskReads() {
        return diskReads;
    }

    /** Begins counting anew, without disturbing the thread that counts. */
    public void forget() {
        counts.values().forEach(mine -> mine.all().forEach(Counter::forget));
        diskReads.forget();
    }
}
