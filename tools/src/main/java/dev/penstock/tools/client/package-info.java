/**
 * The way to a server: its address, how a client authenticates, and a connection for one request at a time. It knows
 * no command line and prints nothing. Start at {@link dev.penstock.tools.client.RespConnection}, which sends a request
 * and returns the whole reply as a {@link dev.penstock.tools.client.RespValue}, or throws a
 * {@link dev.penstock.tools.client.RefusedException} with the server's error. A caller that sends several requests at
 * once reads the first line of each reply as a {@link dev.penstock.tools.client.RespHead}.
 *
 * <p>{@link dev.penstock.tools.client.ServerAddress} is a TCP port or a Unix domain socket;
 * {@link dev.penstock.tools.client.ServerAccess} adds the user, the password and
 * {@link dev.penstock.tools.client.ClientTrust}, which says which certificates of a server are accepted.
 * {@link dev.penstock.tools.client.ServerInfo} is the text of INFO, taken apart.
 *
 * <p>{@code bench}, {@code top} and {@code import} use this package. A connection belongs to one thread and takes no
 * lock.
 */
@NullMarked
package dev.penstock.tools.client;

import org.jspecify.annotations.NullMarked;
