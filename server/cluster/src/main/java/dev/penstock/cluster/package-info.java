/**
 * A node of a cluster: a server whose writes other servers have as well.
 *
 * <p>Start at {@link dev.penstock.cluster.ClusterServer}, which puts the parts together, and its {@link
 * dev.penstock.cluster.ClusterOptions}. {@code GroupLog} makes entries of what clients write, {@code ExecutingReplica}
 * executes them on the store, and {@code GroupView} shows clients who leads.
 *
 * <p>Threads of a node: the event loop of its server proposes, {@code penstock-apply} executes entries, {@code
 * penstock-cluster} looks ten times a second who leads and has time pass; the rest is the log's.
 */
@NullMarked
package dev.penstock.cluster;

import org.jspecify.annotations.NullMarked;
