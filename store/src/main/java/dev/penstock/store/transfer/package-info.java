/**
 * What the server and the benchmarks need of a store and an embedder does not: values in the form of the Redis
 * protocol, and the ways of the operating system to move them between files and sockets. The module exports it to the
 * server alone.
 *
 * <p>Start at {@link dev.penstock.store.transfer.StoreTransfer}, which is opened over a
 * {@link dev.penstock.store.Store}. A value leaves by a {@link dev.penstock.store.transfer.ValueFrame} and arrives by a
 * {@link dev.penstock.store.transfer.ValueIntake}, through a {@link dev.penstock.store.transfer.SplicePipe} where
 * nothing is to be copied. A {@link dev.penstock.store.transfer.Prefetch} hides the cache misses of keys that arrive
 * together. {@link dev.penstock.store.transfer.FileDescriptors} says how many files and sockets the process may have
 * open. {@link dev.penstock.store.transfer.MoreToFollow} keeps bytes in one segment with the value that follows them.
 *
 * <p>Nothing here takes a lock or holds state of the store. Every call goes through
 * {@code internal.engine.TransferAccess} or {@code internal.read.CursorAccess}, which reach what the public classes do
 * not show. The server and the benchmarks may call this package.
 */
@NullMarked
package dev.penstock.store.transfer;

import org.jspecify.annotations.NullMarked;
