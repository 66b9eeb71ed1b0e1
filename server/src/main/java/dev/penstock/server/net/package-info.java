/**
 * Sockets. An {@link dev.penstock.server.net.EventLoop} is a thread that waits for the sockets of its clients and gives
 * their connections a turn. A {@link dev.penstock.server.net.Connection} reads, has requests executed, and sends the
 * replies of all of them together. Long replies wait in a {@link dev.penstock.server.net.SendQueue} until the requests
 * of other clients are answered.
 *
 * <p>Start at {@link dev.penstock.server.net.EventLoop#run}, then {@link dev.penstock.server.net.Connection}. {@link
 * dev.penstock.server.net.Listeners} has the addresses, {@link dev.penstock.server.net.Acceptor} takes clients in and
 * deals them out to the loops. {@link dev.penstock.server.net.ClientTimeouts} says how long a client may take. With
 * TLS, {@link dev.penstock.server.net.TlsWire} stands between the socket and the connection; {@link
 * dev.penstock.server.net.TlsIdentity} reads the certificate again when it changes.
 *
 * <p>{@link dev.penstock.server.net.DescriptorReserve} refuses clients while file descriptors are few.
 *
 * <p>A connection stays with one loop, and all of it happens on that loop's thread. What another thread wants, a new
 * client, the end of a handshake, CLIENT KILL, comes by {@link dev.penstock.server.net.Mailbox}, the only structure
 * that threads share here. No lock is held while anything is executed.
 *
 * <p>{@link dev.penstock.server.PenstockServer} uses this package; nothing else does. Commands see a connection as a
 * {@link dev.penstock.server.session.ClientConnection}.
 *
 * <p>{@code Connection} has more than 450 lines: the input, the turns and the end of one socket share its flags.
 */
@NullMarked
package dev.penstock.server.net;

import org.jspecify.annotations.NullMarked;
