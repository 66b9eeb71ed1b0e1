/**
 * Clients, and the execution of their requests. A {@link dev.penstock.server.session.Session} is what the server
 * remembers of one client. The {@link dev.penstock.server.session.Dispatcher} of an event loop takes a request, finds
 * its {@link dev.penstock.server.session.Command} in the table, checks arguments and rights, runs the {@link
 * dev.penstock.server.session.Handler}, and turns whatever it throws into one error reply.
 *
 * <p>Start at {@link dev.penstock.server.session.Dispatcher#execute}. A connection calls it for each request that has
 * arrived whole; it returns false if the command takes more than a turn, and is then called again by {@code resume}.
 * Within MULTI it queues the request in the {@link dev.penstock.server.session.Transaction}; EXEC has it execute the
 * queue. Where several servers share the keys, {@code ClusterExecution} asks the {@link
 * dev.penstock.server.shard.Router} first, and a request whose keys are elsewhere is not executed.
 *
 * <p>{@link dev.penstock.server.session.LoopContext} is what the commands of one event loop share: its clock, its
 * counters and its turn. {@link dev.penstock.server.session.ServerContext} is what all loops share: the store, the
 * settings, the users and the list of clients. {@link dev.penstock.server.session.ClientConnection} is all that a
 * command knows of a socket.
 *
 * <p>{@code AccessCheck} compares a request with the rights of its user. The keys may take more than a turn: {@code
 * KeyPermission} goes on with them, and then executes or refuses the request as if that had come at once.
 *
 * <p>A {@link dev.penstock.server.session.Protocol} is what a client speaks: it finds requests in the input and has
 * them executed. {@link dev.penstock.server.session.Authentication} compares passwords and makes wrong ones costly,
 * {@link dev.penstock.server.session.ErrorText} says what a client is told of a failure, and {@link
 * dev.penstock.server.session.Verifying} has another thread verify long values before they are sent.
 *
 * <p>{@link dev.penstock.server.session.CommandTable} finds commands by name.
 * {@link dev.penstock.server.session.SessionWalk} does something for each client, a few per turn, and
 * {@link dev.penstock.server.session.ClientLine} is what the status page shows of one. A
 * {@link dev.penstock.server.session.BackgroundTask} is work that a command starts and does not wait for.
 *
 * <p>Sessions, dispatchers and loop contexts belong to the thread of their event loop. The server context is for any
 * thread: it consists of concurrent collections and atomic numbers, and takes no lock. CLIENT LIST and the status page
 * look at sessions of other loops, and see them as they were a moment ago.
 *
 * <p>In a cluster, {@link dev.penstock.server.session.Replication} gathers what the clients of an event loop write in a
 * turn into entries of a log, and has their reads wait for a fence unless the node is current. A server that belongs to
 * no cluster has none.
 *
 * <p>Connections drive this package; commands are registered in it and called by it. It knows no command itself. It has
 * 26 classes, since each way in which a request waits is one of its own.
 */
@NullMarked
package dev.penstock.server.session;

import org.jspecify.annotations.NullMarked;
