package dev.penstock.tools.bench.load;

/**
 * When requests are due: at equal distances, which several workers take in turn. Times are nanoseconds since the run
 * began.
 *
 * @param start when the first request of all is due
 * @param measured time from which on requests are counted
 * @param end time from which on none is due
 * @param rate requests per second of all workers, finite
 * @param worker number of this one
 * @param workers how many there are
 */
record ArrivalSchedule(long start, long measured, long end, double rate, int worker, int workers) {

    private static final double NANOS_PER_SECOND = 1e9;

    /** When this worker's request of the given number is due, counted from 0. */
    long due(long number) {
        return start + (long) (((double) number * workers + worker) * (NANOS_PER_SECOND / rate));
    }

    /** How many of this worker's requests are due before a time. */
    long countBefore(long time) {
        double number = ((time - start) * (rate / NANOS_PER_SECOND) - worker) / workers;
        long count = Math.max(0, (long) Math.ceil(number));
        // Rounding may be off by one; what due() says counts.
        while (count > 0 && due(count - 1) >= time) {
            count--;
        }
        while (due(count) < time) {
            count++;
        }
        return count;
    }

    /** How many of this worker's requests are counted. */
    long measuredCount() {
        return countBefore(end) - countBefore(measured);
    }
}
