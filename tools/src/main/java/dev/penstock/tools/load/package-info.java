/**
 * An open-loop load generator for servers that speak the Redis protocol.
 *
 * <p>Requests have a time at which they are due. A request that is sent late, because the server holds up what is
 * before it, counts from the time at which it was due, so that a server that stalls cannot keep the stall out of the
 * figures ("coordinated omission"). Nothing queues for that: what is due follows from the rate and a number. {@link
 * dev.penstock.tools.load.LoadGenerator} runs the phases, a {@link dev.penstock.tools.load.LoadWorker} is the event
 * loop of one thread, a {@link dev.penstock.tools.load.RequestStream} says what is due and takes the replies.
 *
 * <p>The codec is this package's own. A client library has queues, threads and time-outs of its own between the time at
 * which a request is due and the socket, and none lets its caller tell its own delay from the server's. The part of the
 * protocol that is needed is two requests and five kinds of replies.
 */
package dev.penstock.tools.load;
