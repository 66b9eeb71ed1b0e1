/**
 * Giving dead bytes back: {@link dev.penstock.store.internal.compaction.Compactor} copies what is current out of segments
 * that hold dead records, and retires them; {@link dev.penstock.store.internal.compaction.BackgroundCompaction} says when,
 * {@code CompactionPolicy} which.
 */
@NullMarked
package dev.penstock.store.internal.compaction;

import org.jspecify.annotations.NullMarked;
