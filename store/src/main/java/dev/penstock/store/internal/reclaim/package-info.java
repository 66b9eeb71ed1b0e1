/**
 * When the memory and files of a segment may go.
 *
 * <p>Start at {@link dev.penstock.store.internal.reclaim.ReaderLeases}: a reader of the log opens a lease before it
 * looks at a record and closes it afterwards. It counts its leases in a cell that its thread owns, with plain stores,
 * so a lease costs no atomic instruction. {@link dev.penstock.store.internal.reclaim.LeaseCount} counts the leases on
 * one large value with atomic operations, as those are few and long. Both are seen through
 * {@link dev.penstock.store.internal.reclaim.Leased}.
 *
 * <p>A {@link dev.penstock.store.internal.reclaim.Reclaimable} that is retired goes to the
 * {@link dev.penstock.store.internal.reclaim.Reclaimer}, which waits until every lease that was open at that moment is
 * closed, and then unmaps and closes it in the background.
 *
 * <p>{@link dev.penstock.store.internal.reclaim.ReaderLeases} has a monitor, which a thread holds while it takes a
 * cell. Nothing else is locked under it. This package uses no other of the store. {@code segment} and {@code engine}
 * call it, and {@code snapshot} holds leases.
 */
@NullMarked
package dev.penstock.store.internal.reclaim;

import org.jspecify.annotations.NullMarked;
