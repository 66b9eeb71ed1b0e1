/**
 * Three servers on one machine that keep the same keys: what a request costs all of them, how long their clients wait
 * when the leader is killed, and what they take at rest.
 *
 * <p>Start at {@link dev.penstock.bench.cluster.ClusterBenchmark}, the program behind {@code bench/cluster}. {@code
 * ClusterKind} knows how to start each system, by {@code PenstockNodes}, {@code RedisNodes} and {@code EtcdNodes}, as
 * a {@code Deployment} of {@code Member}s, which are processes that can be killed and started again. {@code
 * Throughput} measures requests: by redis-benchmark, or by a {@code ClosedLoop} of {@code PipelinedClient}s and {@code
 * EtcdConnection}s where redis-benchmark cannot ask. {@code Failover} kills leaders beside {@code KeyWriter}s, each
 * with a {@code KeyClient}. {@code AtRest} reads memory and processor time. {@code ClusterTables} makes the tables.
 *
 * <p>Clients are virtual threads that share a counter and a clock. {@code KeyWriter}s have a thread each; what they
 * were told lies in concurrent collections, so there are no locks. No other package uses this one.
 */
@NullMarked
package dev.penstock.bench.cluster;

import org.jspecify.annotations.NullMarked;
