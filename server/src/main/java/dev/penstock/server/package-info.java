/**
 * A TCP server that speaks the Redis protocol over a {@link dev.penstock.store.Store}. {@link
 * dev.penstock.server.PenstockServer} starts and stops one, {@link dev.penstock.server.ServerOptions} says how. This is
 * the only package that other modules use.
 *
 * <p>The way of a GET: {@code net} reads bytes from the socket; {@code resp} finds the request in them; the dispatcher
 * in {@code session} finds the command, checks the client's rights in {@code acl} and runs it; {@code command} asks the
 * {@code keyspace} for the value; that has the store copy it into the reply of {@code resp}, or hands the reply a view
 * of it; {@code transfer} holds the output and sends it.
 *
 * <p>Start at {@link dev.penstock.server.PenstockServer#start}. {@link dev.penstock.server.TransferMode} names the ways
 * in which large values travel.
 *
 * <p>Threads: each event loop is one thread, which executes the commands of its clients one after another. A few more
 * read files that are not in memory, do the arithmetic of TLS handshakes, and serve the status page. Event loops share
 * the store, the settings and the list of clients ({@link dev.penstock.server.session.ServerContext}), and nothing
 * else; no lock is held while a command runs, but for those of the store.
 *
 * <p>Packages depend on each other in one direction; docs/internals/architecture.md has the table, and a test compares
 * it with the code.
 */
@NullMarked
package dev.penstock.server;

import org.jspecify.annotations.NullMarked;
