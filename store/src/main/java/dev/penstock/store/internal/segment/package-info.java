/**
 * The log and its segments. {@link dev.penstock.store.internal.segment.Log} is appended to,
 * {@link dev.penstock.store.internal.segment.SegmentSet} finds the segment of a position,
 * {@link dev.penstock.store.internal.segment.RecordScanner} walks the records of a segment.
 */
package dev.penstock.store.internal.segment;
