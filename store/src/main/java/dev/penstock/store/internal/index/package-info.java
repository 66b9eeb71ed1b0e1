/**
 * The key directory: from a key to the position of its current record.
 *
 * <p>Start at {@link dev.penstock.store.internal.index.KeyDirectory}. It has 64 stripes; each is a linear hash table of
 * 64-byte buckets in memory outside the heap ({@link dev.penstock.store.internal.index.IndexMemory}). A slot holds a
 * tag of the key's hash and a location. {@code find} compares tags, and then the key in the record itself. A
 * {@link dev.penstock.store.internal.index.StripeShape} says how far a stripe has grown, and a
 * {@link dev.penstock.store.internal.index.StripeImage} is a copy of a stripe for a checkpoint;
 * {@link dev.penstock.store.internal.index.DirectoryPages} says how stripes share memory. A
 * {@link dev.penstock.store.internal.index.StripeSet} reads several keys as of one moment. A
 * {@link dev.penstock.store.internal.index.Lookahead} touches the buckets and records of several keys before they are
 * looked up. The {@link dev.penstock.store.internal.index.AppliedMark} is no key, and is guarded as one of stripe 0.
 * {@code RecordProbe} reads buckets and records by address.
 *
 * <p>A reader takes no lock. If it found nothing while its stripe was splitting, the stripe's version has changed and
 * it looks again; a {@code StaleLocationException} tells that a record has moved. A writer holds the stripe's lock,
 * which callers take by {@code KeyDirectory.lock}. {@code checkpoint}, {@code recovery} and the packages above them
 * call this one.
 *
 * <p>{@code KeyDirectory} and {@code Stripe} have more than 450 lines each. The next change of the directory's layout
 * rewrites both, so they are not split before.
 */
@NullMarked
package dev.penstock.store.internal.index;

import org.jspecify.annotations.NullMarked;
