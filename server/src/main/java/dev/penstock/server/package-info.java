/**
 * A TCP server that speaks the Redis protocol over a {@link dev.penstock.store.Store}. Start at
 * {@link dev.penstock.server.PenstockServer}; inside, follow a request from {@code net} through {@code resp} and
 * {@code session} to {@code command} and {@code keyspace}, and its reply out through {@code transfer}.
 */
package dev.penstock.server;
