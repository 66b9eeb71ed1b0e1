/**
 * Writing: {@link dev.penstock.store.internal.write.Writer} orders the operations on a key and puts them into the log,
 * {@link dev.penstock.store.internal.write.ValueSink} takes values that get a segment of their own,
 * {@link dev.penstock.store.internal.write.GroupCommit} forces, and the agents of
 * {@link dev.penstock.store.internal.write.Background} work ahead and clean up behind.
 */
package dev.penstock.store.internal.write;
