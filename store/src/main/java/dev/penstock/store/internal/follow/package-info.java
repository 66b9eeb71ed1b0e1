/**
 * A read-only store beside an owner, in the same process or another.
 *
 * <p>Start at {@link dev.penstock.store.internal.follow.LogFollower}. The background thread, or a caller of
 * {@code refresh}, has it look after the last record that is applied. {@code FollowedTail} finds the next record,
 * opens the segment that the log leads to, and maps a segment again if a new owner has allocated more of it.
 * {@code FollowedRecords} applies the record to the follower's key directory, under the lock of its stripe, and opens a
 * large value before its reference counts.
 *
 * <p>If compaction has removed a segment that the follower needs, {@code StateRebuild} recovers the state from the
 * files beside the live one and brings the live one to it, key by key, while readers continue.
 *
 * <p>The lock {@code LogFollower.turn} is held while records are applied; the locks of stripes come under it. The
 * package reads files and never writes one. Only {@code engine.FollowerEngine} calls it.
 */
@NullMarked
package dev.penstock.store.internal.follow;

import org.jspecify.annotations.NullMarked;
