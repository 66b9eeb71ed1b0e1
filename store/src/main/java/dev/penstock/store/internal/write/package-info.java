/**
 * Writing: from a key and a value to a published record that the key directory points at.
 *
 * <p>Start at {@link dev.penstock.store.internal.write.Writer}. It takes the lock of the key's stripe, looks the
 * current record up ({@code CurrentRecords}), asks the {@link dev.penstock.store.internal.write.Precondition}, and
 * appends the record ({@code RecordAppend}). A {@link dev.penstock.store.internal.write.Batch} goes to
 * {@code BatchWriter}, which takes the locks of all its stripes and claims one stretch. Both append by
 * {@code LogAppend}: everything that can fail comes before the commit word, and nothing is undone after it.
 *
 * <p>A {@link dev.penstock.store.internal.write.ValueSink} takes the bytes of a large value into a separate file,
 * before a reference record publishes it; {@code TransferBuffers} has the memory in between. {@link
 * dev.penstock.store.internal.write.DeferredDeletion} deletes the files of superseded large values once that is
 * durable.
 *
 * <p>Locks: those of the stripes, taken in ascending order and held from the lookup until the directory points at the
 * new record; the tail's lock comes under them. {@code DeferredDeletion.lock} is held while files are deleted, never
 * under a stripe's. {@code engine.WritePath} and {@code background} call this package.
 */
@NullMarked
package dev.penstock.store.internal.write;

import org.jspecify.annotations.NullMarked;
