/**
 * When the files and memory of a segment may go. {@link dev.penstock.store.internal.reclaim.ReaderLeases} is how readers
 * of the log hold on to what they read, {@link dev.penstock.store.internal.reclaim.LeaseCount} how readers of one large
 * value do; {@link dev.penstock.store.internal.reclaim.Reclaimer} releases, in the background, what nobody holds.
 */
@NullMarked
package dev.penstock.store.internal.reclaim;

import org.jspecify.annotations.NullMarked;
