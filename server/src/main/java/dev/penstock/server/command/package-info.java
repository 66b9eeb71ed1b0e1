/**
 * What each command does: one class for each group of commands. Start at {@link dev.penstock.server.command.Commands}; a new
 * command is one method and one entry in its group's {@code register}. What commands read and write is the session's {@link
 * dev.penstock.server.keyspace.Keyspace}.
 */
package dev.penstock.server.command;
