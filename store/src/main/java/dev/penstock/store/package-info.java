/**
 * The public API of the Penstock store. Start at {@link dev.penstock.store.Store}: open a directory, then get and put.
 * {@link dev.penstock.store.WriteOptions} say what a write depends on and when its value expires; a
 * {@link dev.penstock.store.Key} carries a key that is not a whole array.
 * Reads give a {@link dev.penstock.store.ValueView}, a slice of the mapped page; values too large for the heap are
 * written through a {@link dev.penstock.store.ValueWriter}. Every error is a {@link dev.penstock.store.StoreException}.
 */
@NullMarked
package dev.penstock.store;

import org.jspecify.annotations.NullMarked;
