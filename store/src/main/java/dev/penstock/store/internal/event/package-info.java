/**
 * What the store tells Java Flight Recorder: an event for each thing that takes time and is no single operation. Whoever
 * makes one asks {@link dev.penstock.store.internal.event.FlightRecording} first.
 */
@NullMarked
package dev.penstock.store.internal.event;

import org.jspecify.annotations.NullMarked;
