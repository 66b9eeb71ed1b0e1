/**
 * The public API of the Penstock store: all that an embedding program needs.
 *
 * <p>Start at {@link dev.penstock.store.Store}: open a directory with {@link dev.penstock.store.StoreOptions}, then get
 * and put. A read returns a {@link dev.penstock.store.ValueView}, a slice of the mapped page, or a copy. A
 * {@link dev.penstock.store.Key} carries a key that is not a whole array. {@link dev.penstock.store.WriteOptions} say
 * what a write depends on, when its value expires and how durable it must be ({@link dev.penstock.store.Durability}). A
 * {@link dev.penstock.store.ValueWriter} takes a value that is too large for the heap, and a
 * {@link dev.penstock.store.WriteBatch} takes writes that belong together. A {@link dev.penstock.store.ConsistentRead}
 * reads several keys as of one moment.
 *
 * <p>A {@link dev.penstock.store.Snapshot} is the store as of one moment. Its entries, and those of the store, are an
 * {@link dev.penstock.store.EntryWalk} of {@link dev.penstock.store.Entry} objects, or are passed to an
 * {@link dev.penstock.store.EntryVisitor}; a {@link dev.penstock.store.ValueHandler} receives the values of many keys.
 * {@link dev.penstock.store.StoreStats}, {@link dev.penstock.store.CompactionReport} and
 * {@link dev.penstock.store.BackupReport} are results, and a {@link dev.penstock.store.ProgressListener} hears how far
 * a long operation has come.
 *
 * <p>Every error is a {@link dev.penstock.store.StoreException}. Opening throws
 * {@link dev.penstock.store.NotAStoreException}, {@link dev.penstock.store.FormatVersionException} or
 * {@link dev.penstock.store.StoreLockedException}. A write throws {@link dev.penstock.store.StoreFullException},
 * {@link dev.penstock.store.BatchTooLargeException}, {@link dev.penstock.store.ReadOnlyStoreException} or
 * {@link dev.penstock.store.StoreFailedException}. Damage is a {@link dev.penstock.store.CorruptionException} or, where
 * a page of a file is gone, a {@link dev.penstock.store.PageLostException}. Other errors of the file system are a
 * {@link dev.penstock.store.StoreIoException}, and a closed store or view throws
 * {@link dev.penstock.store.StoreClosedException}.
 *
 * <p>The package has 31 classes: they are the API, and the API is one package. They are thread-safe unless they say
 * otherwise. They take no lock themselves: each hands its call to {@code internal.engine}. Any program may call this
 * package.
 *
 * <p>{@link dev.penstock.store.Store} has more than 450 lines, most of them Javadoc: it is the one facade over all
 * operations.
 */
@NullMarked
package dev.penstock.store;

import org.jspecify.annotations.NullMarked;
