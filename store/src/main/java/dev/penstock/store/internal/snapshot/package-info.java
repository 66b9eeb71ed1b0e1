/**
 * The store as it was at one moment.
 *
 * <p>Start at {@link dev.penstock.store.internal.snapshot.PointInTime#take}. It copies the key directory stripe by
 * stripe, notes the end of the log while writers stand still for an instant, and replays the records in between on the
 * copy. A lease keeps the segments of that moment mapped until the last user of the point in time is gone.
 *
 * <p>{@link dev.penstock.store.internal.snapshot.Backup} writes a point in time to another directory, as a store: it
 * links or copies the files, writes the identity and a checkpoint, opens the result as a trial, and exchanges it for
 * the backup that was there. {@link dev.penstock.store.internal.snapshot.BackupTarget} is that directory, which it
 * locks and checks.
 *
 * <p>Taking a point in time holds all locks of the stripes for an instant, in ascending order.
 * {@link dev.penstock.store.internal.snapshot.PointInTime} has a monitor for closing. Reading takes no lock. The engine
 * and {@code Snapshot} call this package.
 */
@NullMarked
package dev.penstock.store.internal.snapshot;

import org.jspecify.annotations.NullMarked;
