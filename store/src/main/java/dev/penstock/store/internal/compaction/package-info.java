/**
 * Compaction: frees the bytes of dead records.
 *
 * <p>Start at {@link dev.penstock.store.internal.compaction.Compactor}, which holds the two modes together.
 * {@code FullCompaction} does all that is worth doing at once, for a caller that waits. {@code IncrementalCompaction}
 * works in slices: {@link dev.penstock.store.internal.compaction.BackgroundCompaction} decides when, and
 * {@link dev.penstock.store.internal.compaction.CompactionPolicy} which segment is next.
 *
 * <p>Both modes empty a segment in the same steps. {@code SegmentEvacuation} walks its records.
 * {@link dev.penstock.store.internal.compaction.RecordRelocator} appends those that are current once more, in groups,
 * under the locks of their stripes, and compares each value with its checksum. {@code Retirement} forces the copies,
 * appends RETIRED records and forces those. {@link dev.penstock.store.internal.compaction.RetiredFiles} deletes the
 * files when a checkpoint that does not need them is in place.
 * {@link dev.penstock.store.internal.compaction.BackPressure} makes writers wait if they are faster than compaction.
 *
 * <p>{@code Compactor.lock} is held during a slice, or during all of a full compaction, before any other lock. A crash
 * at any point leaves either the old record or a sound copy. The engine and its background thread call this package.
 */
@NullMarked
package dev.penstock.store.internal.compaction;

import org.jspecify.annotations.NullMarked;
