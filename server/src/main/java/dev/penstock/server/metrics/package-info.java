/**
 * What the server counts and notes about its own work. Start at {@link dev.penstock.server.metrics.LoopMetrics}, the
 * counters of one event loop, and {@link dev.penstock.server.metrics.ServerMetrics}, their sums.
 */
package dev.penstock.server.metrics;
