/**
 * The same work on Penstock and on its peers. Start at {@link dev.penstock.bench.Contender}, what each engine is wrapped
 * in; {@link dev.penstock.bench.BenchmarkRun} is the program behind {@code bench/run}, which has JMH measure. What JMH cannot
 * measure has a program that starts child JVMs: {@link dev.penstock.bench.OpenRun}, {@link
 * dev.penstock.bench.LatencyRun}, {@link dev.penstock.bench.MemoryRun}.
 */
package dev.penstock.bench;
