/**
 * The keys and values that commands work on. Start at {@link dev.penstock.server.keyspace.Keyspace}.
 */
package dev.penstock.server.keyspace;
