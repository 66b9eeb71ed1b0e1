/**
 * The parts of an open store: {@link dev.penstock.store.internal.engine.OwnerEngine} and {@link
 * dev.penstock.store.internal.engine.FollowerEngine}.
 */
@NullMarked
package dev.penstock.store.internal.engine;

import org.jspecify.annotations.NullMarked;
