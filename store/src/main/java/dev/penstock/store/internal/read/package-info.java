/**
 * The way of a get: from a key to a value that can be read in place.
 *
 * <p>Start at {@link dev.penstock.store.internal.read.ReadPath}: the key directory, the record, a lease, and a
 * {@link dev.penstock.store.internal.read.RecordCursor} that is bound to the value. {@code ReadsByAddress} does the
 * common case with a few plain loads. A {@link dev.penstock.store.internal.read.DirectoryScan} reads keys that no
 * caller names. After an error, {@code RecordPages} finds out whether it is of the record or of the caller's memory.
 *
 * <p>What reads use of an open store is a {@link dev.penstock.store.internal.read.ReadContext}. The engine that holds
 * it answers three calls through {@code ReadContext.Host}: wait for a record that is being moved, catch up with the
 * owner of the store, and say which exception an error becomes. Nothing here knows the engine otherwise.
 *
 * <p>Reads take no lock, except that a scan holds the lock of one stripe of the key directory for a bucket.
 *
 * <p>{@code RecordCursor} is the superclass of the public view, so that a read is one object and not two.
 * {@link dev.penstock.store.internal.read.CursorAccess} is the way in for {@code store.transfer}. The engine and the
 * public classes call this package.
 *
 * <p>{@code ReadPath} and {@code RecordCursor} have more than 450 lines: the one is a loop and the cases of one record,
 * the other what a bound value can do.
 */
@NullMarked
package dev.penstock.store.internal.read;

import org.jspecify.annotations.NullMarked;
