package dev.penstock.store.check;

import java.util.List;

/**
 * How a quantity is distributed over records.
 *
 * @param buckets in ascending order, from the first to the last one that is not empty; each ends where the next one
 *     begins
 */
public record Histogram(List<Bucket> buckets) {

    /**
     * Records whose quantity is at least {@code from} and less than what the next bucket begins with.
     *
     * @param from the least quantity of the bucket; -1 stands for everything below 0
     * @param count number of records
     * @param bytes bytes of these records, large values included
     */
    public record Bucket(long from, long count, long bytes) {}

    /** Copies the list. */
    public Histogram {
        buckets = List.copyOf(buckets);
    }
}
