/**
 * The embedded store: a persistent map from byte strings to byte strings.
 *
 * <p>Start at {@link dev.penstock.store.Store}: open a directory with {@link dev.penstock.store.StoreOptions}, then get
 * and put. A read returns a {@link dev.penstock.store.ValueView}, a slice of the mapped page, or a copy. A
 * {@link dev.penstock.store.Key} carries a key that is not a whole array. {@link dev.penstock.store.WriteOptions} set
 * the condition, the expiry and the {@linkplain dev.penstock.store.Durability durability} of a write. A
 * {@link dev.penstock.store.ValueWriter} writes a value that is too large for the heap, and a
 * {@link dev.penstock.store.WriteBatch} groups writes that take effect together. A
 * {@link dev.penstock.store.ConsistentRead} reads several keys as of one moment.
 *
 * <pre>{@code
 * try (Store store = Store.open(Path.of("data"))) {
 *     store.put("greeting".getBytes(UTF_8), "hello".getBytes(UTF_8));
 *     try (ValueView value = store.get("greeting".getBytes(UTF_8))) {    // null if the key is absent
 *         System.out.println(value.length() + " bytes");
 *     }
 * }
 * }</pre>
 *
 * <p>A {@link dev.penstock.store.Snapshot} is the store as of one moment. Its entries, and those of the store, are an
 * {@link dev.penstock.store.EntryWalk} of {@link dev.penstock.store.Entry} objects, or are passed to an
 * {@link dev.penstock.store.EntryVisitor}; a {@link dev.penstock.store.ValueHandler} receives the values of many keys.
 * {@link dev.penstock.store.StoreStats}, {@link dev.penstock.store.CompactionReport} and
 * {@link dev.penstock.store.BackupReport} are results, and a {@link dev.penstock.store.ProgressListener} receives the
 * progress of a long operation. {@link dev.penstock.store.Release} names the release that is in use.
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
 * <p>Classes are thread-safe unless they say otherwise. Parameters and results are not null unless they are annotated
 * {@code @Nullable}.
 *
 * <h2>For contributors</h2>
 *
 * <p>Any program may call this package. Its classes take no lock themselves: each hands its call to {@code
 * internal.engine}. The package has 32 classes because the API is one package. {@link dev.penstock.store.Store} has
 * more than 450 lines, most of them Javadoc: it is the one facade over all operations.
 */
@NullMarked
package dev.penstock.store;

import org.jspecify.annotations.NullMarked;
