/**
 * The settings of a server. {@link dev.penstock.server.config.Settings} holds the values of a running one: those that
 * only a restart changes, and those that {@code CONFIG SET} changes.
 *
 * <p>Values flow from the command line and the configuration file to {@link dev.penstock.server.ServerOptions}, from
 * there to {@link dev.penstock.server.config.Settings} when the server starts, and later from {@code CONFIG SET} to the
 * same place. A value that changes is a single number, which the event loops read whenever they need it; so a change
 * counts from the next request on.
 *
 * <p>Any thread may read and write; there is no lock, as each value stands alone.
 *
 * <p>Every package above {@code transfer} may read settings. Only {@code CONFIG SET} and the start of the server write
 * them.
 */
package dev.penstock.server.config;
