/**
 * The files that records lie in. {@link dev.penstock.store.internal.segment.SegmentSet} finds the segment of a position,
 * {@link dev.penstock.store.internal.segment.RecordScanner} walks the records of a segment, and
 * {@link dev.penstock.store.internal.segment.LargeSegment} holds one large value.
 */
@NullMarked
package dev.penstock.store.internal.segment;

import org.jspecify.annotations.NullMarked;
