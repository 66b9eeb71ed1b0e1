/**
 * The same work on Penstock and on its peers, measured by JMH. Start at {@link dev.penstock.bench.Contender}, what each
 * engine is wrapped in; {@link dev.penstock.bench.BenchmarkRun} is the program behind {@code bench/run}.
 */
package dev.penstock.bench;
