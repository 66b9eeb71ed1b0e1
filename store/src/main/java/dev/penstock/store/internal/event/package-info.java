/**
 * Events for Java Flight Recorder, one class for each.
 *
 * <p>{@link dev.penstock.store.internal.event.RecoveryEvent},
 * {@link dev.penstock.store.internal.event.CheckpointEvent}, {@link dev.penstock.store.internal.event.CompactionEvent},
 * {@link dev.penstock.store.internal.event.ExpirySweepEvent} and {@link dev.penstock.store.internal.event.ForceEvent}
 * say how long background work took and how much it did. {@link dev.penstock.store.internal.event.StallEvent} says what
 * a writer waited for, and {@link dev.penstock.store.internal.event.IndexGrowthEvent} that the key directory took more
 * memory. There is no event for a single get or put: that would cost more than the operation.
 *
 * <p>Code that emits one first asks {@link dev.penstock.store.internal.event.FlightRecording}, which loads no class of
 * the recorder until a recording has started. It then starts the event, does the work, fills the fields in and commits.
 *
 * <p>Nothing here takes a lock or uses another package of the store. Any internal package may use this one.
 */
@NullMarked
package dev.penstock.store.internal.event;

import org.jspecify.annotations.NullMarked;
