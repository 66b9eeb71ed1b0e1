/**
 * Reading beside an owner: {@link dev.penstock.store.internal.follow.LogFollower} applies what another process, or another store of
 * this one, appends to the log.
 */
package dev.penstock.store.internal.follow;
