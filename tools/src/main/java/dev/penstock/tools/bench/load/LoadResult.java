package dev.penstock.tools.bench.load;

import java.time.Duration;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * The result of a run.
 *
 * @param filledKeys keys that the fill stored
 * @param filledBytes bytes of their values
 * @param fillTime how long that took
 * @param latencies by kind, in nanoseconds
 * @param offered requests that were due, or were sent if there was no rate
 * @param unanswered how many of them had no reply 10 seconds after the end
 * @param notSent how many of them were never sent
 * @param errors how many of them had an error for a reply; they are in no histogram
 * @param firstError the first error, null if there was none
 * @param missing reads of keys that the server did not have
 * @param delay how late requests were sent by the generator's own fault, in nanoseconds
 * @param busyShare of the generator's time in which it had something to do, from 0 to 1
 * @param verdict whether the figures are valid, and for what
 */
public record LoadResult(
        long filledKeys,
        long filledBytes,
        Duration fillTime,
        Map<RequestKind, Histogram> latencies,
        long offered,
        long unanswered,
        long notSent,
        long errors,
        @Nullable String firstError,
        long missing,
        Histogram delay,
        double busyShare,
        Verdict verdict) {

    public LoadResult {
        latencies = Map.copyOf(latencies);
    }

    /** The latencies of all requests together, those never sent included. */
    public Histogram all() {
        Histogram all = LatencyRecorder.histogram();
        latencies.values().forEach(all::add);
        return all;
    }

    /** Requests that were answered without an error. */
    public long answered() {
        return offered - unanswered - notSent - errors;
    }
}
