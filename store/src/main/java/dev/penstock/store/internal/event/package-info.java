/**
 * Events for Java Flight Recorder: one kind for each activity that takes time and is more than a single operation. Code that
 * emits an event asks {@link dev.penstock.store.internal.event.FlightRecording} first.
 */
@NullMarked
package dev.penstock.store.internal.event;

import org.jspecify.annotations.NullMarked;
