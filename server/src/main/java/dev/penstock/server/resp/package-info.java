/**
 * The Redis protocol, versions 2 and 3. {@link dev.penstock.server.resp.RequestDecoder} finds requests in a
 * connection's input, {@link dev.penstock.server.resp.Reply} encodes answers into its output. {@link
 * dev.penstock.server.resp.Arguments}, {@link dev.penstock.server.resp.Ascii}, {@link
 * dev.penstock.server.resp.LongDouble} and {@link dev.penstock.server.resp.Glob} are the forms that keys, numbers and
 * patterns have; {@link dev.penstock.server.resp.CommandError} is an error reply that is thrown.
 *
 * <p>Start at {@link dev.penstock.server.resp.RequestDecoder#next}. Input gathers in a {@link
 * dev.penstock.server.resp.RequestBuffer}; a {@link dev.penstock.server.resp.Request} points into it, and its arguments
 * are valid until the decoder is told that it is done. Large arguments do not gather: the decoder announces them, and
 * they are taken in by an upload. {@link dev.penstock.server.resp.PipelinePrefetch} looks ahead and has the memory of
 * the next keys fetched.
 *
 * <p>{@link dev.penstock.server.resp.LargeArguments} decides which arguments those are. A
 * {@link dev.penstock.server.resp.RequestQueue} keeps copies of requests that are executed later.
 *
 * <p>All of it belongs to the thread of an event loop, and takes no lock. Patterns and numbers are immutable.
 *
 * <p>Every package above uses this one. It knows no command and never calls the store for a value: the keyspace puts
 * values into the reply.
 */
@NullMarked
package dev.penstock.server.resp;

import org.jspecify.annotations.NullMarked;
