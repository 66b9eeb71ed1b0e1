/**
 * Offline inspection and verification as a library: {@link dev.penstock.store.check.StoreInspector} tells what is in a
 * store's files, {@link dev.penstock.store.check.StoreVerifier} whether they are sound. Both only read.
 */
@NullMarked
package dev.penstock.store.check;

import org.jspecify.annotations.NullMarked;
