/**
 * The tail of the log: {@link dev.penstock.store.internal.log.Log} gives room to writers and publishes what they have written,
 * in order; {@link dev.penstock.store.internal.log.GroupCommit} makes it durable.
 */
@NullMarked
package dev.penstock.store.internal.log;

import org.jspecify.annotations.NullMarked;
