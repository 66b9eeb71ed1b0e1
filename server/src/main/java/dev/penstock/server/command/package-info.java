/**
 * What the server can do: the table of commands with the facts that COMMAND answers from, and the commands themselves,
 * grouped by what they are about. Start at {@link dev.penstock.server.command.Dispatcher}; a new command is one method
 * and one entry in its group's {@code register}. What commands read and write is a {@link
 * dev.penstock.server.command.Keyspace}: the store, or within a transaction an {@link
 * dev.penstock.server.command.Overlay} of it.
 */
package dev.penstock.server.command;
