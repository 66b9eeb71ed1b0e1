/**
 * The tail of the log: where records are appended.
 *
 * <p>Start at {@link dev.penstock.store.internal.log.Log}. A writer claims a stretch of the tail and receives it as a
 * {@link dev.penstock.store.internal.log.Claim}, stores its record there, the commit word last, and publishes it.
 * {@code PublicationOrder} publishes claims in the order of their positions, so a published position means that
 * everything below is complete. {@code NextSegment} holds a segment ready for when the active one is full, and
 * {@code SpaceReserve} keeps room on a full disk for removals and compaction.
 * {@link dev.penstock.store.internal.log.WriteActivity} detects writes by callers.
 *
 * <p>{@link dev.penstock.store.internal.log.GroupCommit} forces the log to the device. One force serves all callers
 * that wait, and {@link dev.penstock.store.internal.log.ForceLatencies} counts how long forces take.
 *
 * <p>{@code Log.tailLock} is held while a claim is made, and while a short record is filled.
 * {@code GroupCommit.forceLock} is held while the device works; it may be taken under {@code tailLock}, never the other
 * way. The published and the durable position are read without a lock. {@code write}, {@code compaction},
 * {@code background} and {@code checkpoint} call this package.
 *
 * <p>{@code Log} has more than 450 lines: claiming, filling and publishing share the state under the tail's lock.
 */
@NullMarked
package dev.penstock.store.internal.log;

import org.jspecify.annotations.NullMarked;
