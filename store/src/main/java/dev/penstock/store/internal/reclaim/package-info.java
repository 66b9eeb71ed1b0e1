/**
 * When a segment may go: {@link dev.penstock.store.internal.reclaim.Reclaimable} counts the leases that readers hold,
 * {@link dev.penstock.store.internal.reclaim.Reclaimer} does the slow part in the background.
 */
package dev.penstock.store.internal.reclaim;
