/**
 * What the store tells Java Flight Recorder: an event for each thing that takes time and is no single operation. An event
 * that nobody records costs a check of a flag.
 */
package dev.penstock.store.internal.event;
