/**
 * The store as it was at one moment: {@link dev.penstock.store.internal.snapshot.PointInTime} holds it,
 * {@link dev.penstock.store.internal.snapshot.Backup} writes it to another directory.
 */
@NullMarked
package dev.penstock.store.internal.snapshot;

import org.jspecify.annotations.NullMarked;
