/**
 * Operations per second of embedded stores, measured by JMH. Start at {@link
 * dev.penstock.bench.embedded.BenchmarkRun}, the program behind {@code bench/run}.
 *
 * <p>{@link dev.penstock.bench.embedded.Operation} is the list of rows: which JMH method, on how many threads, in which
 * batches, on which engines. The methods are in {@link dev.penstock.bench.embedded.PointBenchmarks}, {@link
 * dev.penstock.bench.embedded.BatchBenchmarks}, {@link dev.penstock.bench.embedded.DurableBenchmarks}, {@link
 * dev.penstock.bench.embedded.LoadBenchmark} and {@link dev.penstock.bench.embedded.OpenBenchmark}, and work on a
 * {@link dev.penstock.bench.embedded.LoadedStore}. {@link dev.penstock.bench.embedded.FloorBenchmarks} measures what
 * the memory itself allows.
 *
 * <p>A round forks one JVM per pair of operation and engine, and rounds follow each other, so that a machine that slows
 * down slows all engines. Each fork's result becomes a {@code Sample}. {@link dev.penstock.bench.embedded.Comparison}
 * reduces samples to medians beside Penstock's and makes the table; {@link dev.penstock.bench.embedded.RatioTarget}
 * sets ratios against the ones that are wanted. {@link dev.penstock.bench.embedded.DiskProfiler} adds the size of the
 * store and, from {@code BlockDevice}, the bytes that reached the device.
 *
 * <p>JMH alone calls the methods, from threads of its own, and no other package uses this one. Nothing takes locks.
 */
@NullMarked
package dev.penstock.bench.embedded;

import org.jspecify.annotations.NullMarked;
