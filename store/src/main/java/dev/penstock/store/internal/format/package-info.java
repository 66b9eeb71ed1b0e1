/**
 * The bytes of the files: layouts, encoders and limits. docs/reference/format.md describes the same bytes, and a test
 * compares the two.
 *
 * <p>Start at {@link dev.penstock.store.internal.format.RecordLayout}, the layout of a record.
 * {@link dev.penstock.store.internal.format.RecordHeader} is the header of one record on the heap, where it is built
 * before it is stored, and checked before it is believed. {@link dev.penstock.store.internal.format.ValueBytes} are the
 * bytes of the value that such a record will hold. {@link dev.penstock.store.internal.format.SegmentHeader},
 * {@link dev.penstock.store.internal.format.Identity} (the file STORE) and
 * {@link dev.penstock.store.internal.format.CheckpointHeader} are the beginnings of the other files.
 * {@link dev.penstock.store.internal.format.ValueReference} is what a reference record says of a large value, and
 * {@link dev.penstock.store.internal.format.ExpiryMark} what had expired at a moment.
 * {@link dev.penstock.store.internal.format.FileNames} has the names of files,
 * {@link dev.penstock.store.internal.format.Limits} the highest numbers, and
 * {@link dev.penstock.store.internal.format.Checksum} computes CRC32C over memory of any kind.
 *
 * <p>The classes are static functions over memory, or small values of one thread. They take no lock, make no system
 * call and use no other package of the store. Most internal packages use them.
 */
@NullMarked
package dev.penstock.store.internal.format;

import org.jspecify.annotations.NullMarked;
