/**
 * What a request costs the server, measured from outside: processor time of the server's process, read from the
 * kernel, divided by requests or bytes. Each server has a core to itself and the client another ({@code Cores}).
 *
 * <p>Start at one of the six programs: {@link dev.penstock.bench.server.ServerBenchmark} behind {@code
 * bench/server-cpu}, {@link dev.penstock.bench.server.HttpBenchmark} behind {@code bench/http-server}, {@link
 * dev.penstock.bench.server.ServerLatency} behind {@code bench/server-latency}, {@link
 * dev.penstock.bench.server.PingWait} behind {@code bench/ping-wait}, {@link dev.penstock.bench.server.HotSet} behind
 * {@code bench/hot-set}, {@link dev.penstock.bench.server.ZeroCopy} behind {@code bench/zero-copy}.
 *
 * <p>{@code ServerKind}, {@code HttpPeer} and {@code TransferWay} know how to start each server, a {@link
 * dev.penstock.bench.process.ServerProcess}. {@code SmallRequests} drives it by redis-benchmark, {@code
 * LargeRequests}, {@code HttpRequests}, {@code OpenLoop} and {@code TransferLoad} by threads with a {@link
 * dev.penstock.bench.process.BlockingClient}. {@code ServerComparison} and {@code ZeroCopyTables} make the tables;
 * {@code ZeroCopyPage} writes figures into docs/measurements/zero-copy.md.
 *
 * <p>The package has 28 classes: the programs share the servers, the clients and the counters of the kernel, and each
 * class is one of these. Split by program, most of them would have to be public. No other package uses this one.
 * Threads of a load take their next request from one counter and keep their own figures, so there are no locks.
 */
@NullMarked
package dev.penstock.bench.server;

import org.jspecify.annotations.NullMarked;
