package dev.penstock.tools.bench.load;

import java.util.Map;
import org.HdrHistogram.Histogram;

/** Receives the progress of a run, on the thread that started it. */
public interface LoadListener {

    /** Hears nothing. */
    LoadListener NONE = new LoadListener() {};

    /**
     * A part of the fill is done.
     *
     * @param doneBytes of values that were sent
     * @param totalBytes how many they will be, by the mean length
     */
    default void filled(long doneBytes, long totalBytes) {}

    /**
     * Some time of the run is over, about a second.
     *
     * @param fromNanos when it began, since the first counted request was due
     * @param toNanos when it ended
     * @param latencies of what was answered in it, by kind, in nanoseconds; kinds without any are left out
     */
    default void interval(long fromNanos, long toNanos, Map<RequestKind, Histogram> latencies) {}
}
