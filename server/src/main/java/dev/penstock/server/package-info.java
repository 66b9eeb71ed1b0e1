/**
 * A TCP server that speaks the Redis protocol over a {@link dev.penstock.store.Store}.
 *
 * <p>Start at {@link dev.penstock.server.PenstockServer#start}, which starts a server in the calling process. {@link
 * dev.penstock.server.ServerOptions} set its addresses, passwords, TLS and limits; {@link
 * dev.penstock.server.TransferMode} names the ways in which large values move between files and sockets.
 *
 * <h2>For contributors</h2>
 *
 * <p>The path of a GET: {@code net} reads bytes from the socket; {@code resp} finds the request in them; the dispatcher
 * in {@code session} finds the command, checks the client's rights in {@code acl} and runs it; {@code command} requests
 * the value from the {@code keyspace}, which lets the store copy it into the reply of {@code resp}, or passes a view of
 * it to the reply; {@code transfer} holds the output and sends it.
 *
 * <p>Threads: each event loop is one thread, which executes the commands of its clients one after another. A few more
 * threads read files that are not in memory, compute TLS handshakes, and serve the status page. Event loops share the
 * store, the settings and the list of clients ({@link dev.penstock.server.session.ServerContext}), and nothing else. No
 * lock is held while a command runs, except those of the store.
 *
 * <p>Other modules use this package and {@code config}; {@code penstock-cluster} also uses {@code shard} and
 * {@code replica}, and {@code penstock scan} the patterns of {@code resp}. Packages depend on each other in one
 * direction; docs/internals/architecture.md has the table, and a test compares it with the code. {@link
 * dev.penstock.server.ServerOptions} has more than 450 lines, most of them Javadoc: it has a pair of methods for each
 * setting.
 */
@NullMarked
package dev.penstock.server;

import org.jspecify.annotations.NullMarked;
