/**
 * The work that a store does without being asked.
 *
 * <p>Start at {@link dev.penstock.store.internal.background.AgentThread}: it is one background thread with its agents.
 * Opening a store starts four of them, or five with a durability that is an interval; docs/internals/concurrency.md
 * lists the threads. A thread sleeps until something wakes it or its time has come, and then runs each agent once.
 *
 * <p>{@link dev.penstock.store.internal.background.SegmentTurnover} makes the next segment before writers need it and
 * trims sealed ones. {@link dev.penstock.store.internal.background.PagePopulator} faults in the pages ahead of the
 * tail. {@link dev.penstock.store.internal.background.IntervalForce} forces the log at intervals.
 * {@link dev.penstock.store.internal.background.ExpirySweep} appends tombstones for records that have expired.
 * {@link dev.penstock.store.internal.background.ReadAdviceAgent} tells the kernel how to read segments, and
 * {@link dev.penstock.store.internal.background.PlaceWatch} checks that the directory is still where it was.
 *
 * <p>The agents go through the same doors as callers: they append with {@code write.Writer} and force with
 * {@code log.GroupCommit}, and take the locks of those. Only {@link dev.penstock.store.internal.background.ExpirySweep}
 * has a separate lock, between its thread and a caller that sweeps at once. The engine creates the agents; writers
 * wake them. Nothing else calls this package.
 */
@NullMarked
package dev.penstock.store.internal.background;

import org.jspecify.annotations.NullMarked;
