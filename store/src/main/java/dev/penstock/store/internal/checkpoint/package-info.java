/**
 * Checkpoints: an image of the key directory in a file, so that opening a store need not replay the whole log.
 *
 * <p>Start at {@link dev.penstock.store.internal.checkpoint.Checkpointer}. It decides when a checkpoint is worth
 * writing, and writes one: it copies the stripes one after the other, each under that stripe's lock, writes the copies
 * to a temporary file, forces it and renames it. {@link dev.penstock.store.internal.checkpoint.CheckpointFile} reads
 * the file and replaces it as a whole. A {@link dev.penstock.store.internal.checkpoint.CheckpointState} is what the
 * file says besides buckets: segments, references to large values, and the position from which each stripe is replayed.
 *
 * <p>At the next open, {@link dev.penstock.store.internal.checkpoint.StoredImage} maps the file privately and checks
 * every page. The mapping is the key directory's memory until
 * {@link dev.penstock.store.internal.checkpoint.DirectoryMigration} has moved each stripe to huge pages.
 *
 * <p>{@code Checkpointer.lock} is held while a checkpoint is written; under it come the stripes' locks, one at a time.
 * Recovery, a full compaction, the background threads and a closing engine call this package, and {@code check} reads
 * the file with it.
 */
@NullMarked
package dev.penstock.store.internal.checkpoint;

import org.jspecify.annotations.NullMarked;
