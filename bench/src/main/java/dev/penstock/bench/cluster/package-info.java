/**
 * Three servers on one machine that keep the same keys: what a request costs all of them, how long their clients wait
 * when the leader is killed, and what they take at rest.
 *
 * <p>Start at {@link dev.penstock.bench.cluster.ClusterBenchmark}, the program behind {@code bench/cluster}. {@code
 * ClusterKind} knows how to start each system, by {@code PenstockNodes}, {@code RedisNodes} and {@code EtcdNodes}, as
 * a {@code Deployment} of {@code Member}s, which are processes that can be killed and started again. {@code
 * Throughput} measures requests: by redis-benchmark, or by a {@code ClosedLoop} of {@code PipelinedClient}s and {@code
 * EtcdConnection}s where redis-benchmark cannot ask. {@code Failover} kills leaders beside {@code KeyWriter}s, each
 * with a {@code KeyClient}, whose {@code MemberConnection} finds another server when its own is gone. {@code AtRest}
 * reads memory and processor time. {@code ClusterTables} makes the tables.
 *
 * <p>Clients of a {@code ClosedLoop} are virtual threads that share nothing. Each {@code KeyWriter} has a thread: its
 * errors are in a concurrent map, and its keys are read after it has ended. There are no locks. No other package uses
 * this one.
 */
@NullMarked
package dev.penstock.bench.cluster;

import org.jspecify.annotations.NullMarked;
