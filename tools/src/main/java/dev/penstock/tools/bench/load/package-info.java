/**
 * An open-loop load generator for servers that speak the Redis protocol. Start at
 * {@link dev.penstock.tools.bench.load.LoadGenerator}, which runs the phases of a
 * {@link dev.penstock.tools.bench.load.LoadPlan} and returns a {@link dev.penstock.tools.bench.load.LoadResult}; a
 * {@code LoadWorker} is the event loop of one thread, and a {@code RequestStream} says what is due and takes the
 * replies.
 *
 * <p>Requests have a time at which they are due. A request that is sent late, because the server holds up what is
 * before it, counts from the time at which it was due. A server that stalls therefore cannot keep the stall out of the
 * figures ("coordinated omission"). Nothing queues for that: what is due follows from the rate and a number.
 *
 * <p>A plan says which {@link dev.penstock.tools.bench.load.Workload} of which
 * {@link dev.penstock.tools.bench.load.RequestKind} is sent, to keys by a
 * {@link dev.penstock.tools.bench.load.KeyDistribution}, with values of
 * {@link dev.penstock.tools.bench.load.ValueSizes}. A {@link dev.penstock.tools.bench.load.Verdict} says whether the
 * result is the server's or the generator's own. A {@link dev.penstock.tools.bench.load.LoadListener} gets the
 * latencies of each interval.
 *
 * <p>The codec is this package's own. A client library has queues, threads and time-outs of its own between the time
 * at which a request is due and the socket, and none lets its caller tell its own delay from the server's. The part of
 * the protocol that is needed is two requests and five kinds of replies.
 *
 * <p>The command {@code bench} calls the generator. Workers share the numbers of the keys that there are, under the
 * lock of {@code KeySpace}, which is taken for inserts only. Each records latencies of its own, and another thread
 * takes them without a lock.
 */
@NullMarked
package dev.penstock.tools.bench.load;

import org.jspecify.annotations.NullMarked;
