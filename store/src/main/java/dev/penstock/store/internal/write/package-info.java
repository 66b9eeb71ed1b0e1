/**
 * Writing: {@link dev.penstock.store.internal.write.Writer} orders the operations on a key and puts them into the log, and
 * {@link dev.penstock.store.internal.write.ValueSink} takes values that get a file of their own.
 */
@NullMarked
package dev.penstock.store.internal.write;

import org.jspecify.annotations.NullMarked;
