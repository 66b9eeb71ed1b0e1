/**
 * Reading beside an owner: {@link dev.penstock.store.internal.follow.LogFollower} applies what another process, or another store of
 * this one, appends to the log.
 */
@NullMarked
package dev.penstock.store.internal.follow;

import org.jspecify.annotations.NullMarked;
