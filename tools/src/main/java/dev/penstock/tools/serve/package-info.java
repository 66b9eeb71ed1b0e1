/**
 * A server in a process of its own. Start at {@link dev.penstock.tools.serve.Serve}, which opens the store, starts the
 * server on it, prints where it listens, and waits until a signal or a client's SHUTDOWN ends it. A plain
 * {@code serve DIR} comes here without the command line's parser, which takes longer to initialize than the server.
 * {@link dev.penstock.tools.serve.ServeNode} does the same for a node of a cluster. {@code ServerRun} is what both have
 * in common.
 *
 * <p>{@link dev.penstock.tools.serve.ServerLog} has the log's format and level. With JSON a {@code JsonLog} writes each
 * event as one object, and an {@code ErrorStream} makes an event of what else is printed on standard error. {@link
 * dev.penstock.tools.serve.LastingLogManager} lets the last lines be logged.
 *
 * <p>A {@code ServiceNotifier} tells systemd when the server is ready, that it lives, and that it stops, over a {@code
 * NotifySocket}.
 *
 * <p>The main class and the commands that serve use this package; it is one of the few places that know the server.
 * The thread that the JVM starts on its way out stops the server, and waits for the store to be closed. There are no
 * locks besides the store's.
 */
@NullMarked
package dev.penstock.tools.serve;

import org.jspecify.annotations.NullMarked;
