/**
 * What the server counts and notes about its own work. {@link dev.penstock.server.metrics.LoopMetrics} are the counters
 * of one event loop, {@link dev.penstock.server.metrics.CommandMetrics} those of one command on it, {@link
 * dev.penstock.server.metrics.LatencyHistogram} how long commands took. {@link
 * dev.penstock.server.metrics.ServerMetrics} sums them up on request. {@link
 * dev.penstock.server.metrics.SlowLog} keeps the slowest requests and {@link dev.penstock.server.metrics.IncidentLog}
 * writes log lines that clients can cause, a few of each kind.
 *
 * <p>Start at {@link dev.penstock.server.metrics.LoopMetrics}. Connections and the dispatcher count into it; {@code
 * INFO}, the status page and the metrics read the sums.
 *
 * <p>A counter is written by its event loop alone, with plain or opaque stores, so that counting costs next to nothing;
 * other threads may read a slightly older value. The slow log and the incident log have a lock each, but take it only
 * for what is slow or unusual, and call nothing while they hold it but the logger.
 *
 * <p>Nothing here knows commands or sessions: they say what happened, and this package counts it.
 */
@NullMarked
package dev.penstock.server.metrics;

import org.jspecify.annotations.NullMarked;
