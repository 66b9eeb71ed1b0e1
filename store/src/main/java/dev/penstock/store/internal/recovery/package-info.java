/**
 * Opening a store: {@link dev.penstock.store.internal.recovery.Recovery} replays the log into the key directory and
 * decides what is a torn tail and what is corruption. {@link dev.penstock.store.internal.recovery.StoreCreation} makes a
 * new store.
 */
@NullMarked
package dev.penstock.store.internal.recovery;

import org.jspecify.annotations.NullMarked;
