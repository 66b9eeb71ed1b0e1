/**
 * Measurements that take a separate process, because what is measured is its start, its memory, each single
 * operation, or the whole life of a store.
 *
 * <p>Each program is a pair: a {@code ...Run} with the options and the table, and a {@code ...Child} whose {@code main}
 * does the work in a fresh JVM and prints one line per reading. The run starts one child after the other, reads their
 * lines, and reports medians over the rounds.
 *
 * <ul>
 *   <li>{@link dev.penstock.bench.scale.OpenRun}, {@code bench/open}: from the start of a JVM to the first get.
 *   <li>{@link dev.penstock.bench.scale.LatencyRun}, {@code bench/latency}: every put of a growing store, every get
 *       beside a compaction. {@code OperationLatencies} records them, {@code StoreEvents} adds the store's own events.
 *   <li>{@link dev.penstock.bench.scale.MemoryRun}, {@code bench/memory}: bytes of memory per key.
 *   <li>{@link dev.penstock.bench.scale.CompactionRun}, {@code bench/compaction}: space and time under overwrites; a
 *       second child, {@code OfflineCompactionChild}, measures one full compaction of an idle store.
 *   <li>{@link dev.penstock.bench.scale.ScaleRun}, {@code bench/scale}: stores of several sizes from load to verify.
 * </ul>
 *
 * <p>Start at the run of the program; no other package uses this one. A child measures on threads that share nothing
 * but the store, so there are no locks.
 */
@NullMarked
package dev.penstock.bench.scale;

import org.jspecify.annotations.NullMarked;
