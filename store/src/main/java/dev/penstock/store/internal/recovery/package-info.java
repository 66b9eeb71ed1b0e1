/**
 * Opening a store: from its files to the state in memory.
 *
 * <p>Start at {@link dev.penstock.store.internal.recovery.Recovery#run}. It opens the segments, takes the key directory
 * from the checkpoint if that fits, and replays the log after it: {@code LogReplay} walks the records and
 * {@link dev.penstock.store.internal.recovery.Replay} applies each. Then it decides whether what follows the last sound
 * record is a torn tail, which is cut off, or corruption, which is refused.
 * {@link dev.penstock.store.internal.recovery.LogExtent} says how far the log must have reached, and
 * {@link dev.penstock.store.internal.recovery.UnforcedValues} finds values that a power cut took.
 * {@link dev.penstock.store.internal.recovery.Recovered} is the result.
 * {@link dev.penstock.store.internal.recovery.Replayed} is the same for a follower, which continues from there.
 *
 * <p>{@link dev.penstock.store.internal.recovery.ReferencedValues} opens large values, and
 * {@link dev.penstock.store.internal.recovery.LargeValueCheck} compares their files with the records that refer to
 * them. {@link dev.penstock.store.internal.recovery.StoreCreation} makes a directory a store.
 * {@link dev.penstock.store.internal.recovery.BackupExchange} finishes the exchange of a backup that was cut short.
 * {@link dev.penstock.store.internal.recovery.OpenRetry} starts again if files vanish while a store is opened beside an
 * owner.
 *
 * <p>Everything runs on one thread, before any other thread sees the state, so there are no locks. The engine,
 * {@code follow}, {@code snapshot} and {@code check} call this package.
 */
@NullMarked
package dev.penstock.store.internal.recovery;

import org.jspecify.annotations.NullMarked;
