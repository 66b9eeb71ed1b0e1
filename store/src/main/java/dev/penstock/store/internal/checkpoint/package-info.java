/**
 * Checkpoints: {@link dev.penstock.store.internal.checkpoint.Checkpointer} decides when one is written and copies the key
 * directory stripe by stripe, {@link dev.penstock.store.internal.checkpoint.CheckpointFile} reads and replaces the file.
 */
@NullMarked
package dev.penstock.store.internal.checkpoint;

import org.jspecify.annotations.NullMarked;
