/**
 * What a store does without being asked: the agents of an {@link dev.penstock.store.internal.background.AgentThread} make the
 * next segment, fault in pages ahead of the tail, force at intervals, remove what has expired, and watch the directory.
 */
@NullMarked
package dev.penstock.store.internal.background;

import org.jspecify.annotations.NullMarked;
