/**
 * The files that records lie in.
 *
 * <p>Start at {@link dev.penstock.store.internal.segment.SegmentSet}: it finds the
 * {@link dev.penstock.store.internal.segment.Segment} of a position by a
 * {@link dev.penstock.store.internal.segment.SegmentTable}, and the
 * {@link dev.penstock.store.internal.segment.LargeSegment} of a number. Both are a
 * {@link dev.penstock.store.internal.segment.RecordFile}. {@link dev.penstock.store.internal.segment.SegmentFactory}
 * creates and opens them and hands out numbers. {@link dev.penstock.store.internal.segment.SegmentAddresses} is the
 * table for readers that go by address.
 *
 * <p>{@link dev.penstock.store.internal.segment.RecordScanner} walks the records of a segment and checks each; a
 * {@link dev.penstock.store.internal.segment.ScannedRecord} is one that is kept while the walk continues.
 * {@link dev.penstock.store.internal.segment.LiveBytes} counts the current bytes of a segment by stripe, and
 * {@link dev.penstock.store.internal.segment.Expiry} decides whether a record has expired.
 * {@link dev.penstock.store.internal.segment.ReadAdvice} tells the kernel how to read a segment.
 *
 * <p>A segment is mapped once and never changes its memory. A large value is mapped on the first access to its memory,
 * and may be unmapped while no lease is open. Locks: {@link dev.penstock.store.internal.segment.SegmentFactory} has one
 * for numbers, {@link dev.penstock.store.internal.segment.SegmentSet} one for the table, each file one for its mapping
 * or expiry, in this order. Finding and reading take none. Packages from {@code index} upwards call this one.
 */
@NullMarked
package dev.penstock.store.internal.segment;

import org.jspecify.annotations.NullMarked;
