/**
 * The key directory: which record is the current one of a key. Start at
 * {@link dev.penstock.store.internal.index.KeyDirectory}; {@link dev.penstock.store.internal.index.Stripe} is the hash
 * table, {@link dev.penstock.store.internal.index.Slot} the eight bytes that stand for a key.
 */
@NullMarked
package dev.penstock.store.internal.index;

import org.jspecify.annotations.NullMarked;
