/**
 * A node of a cluster: a server whose writes other servers have as well.
 *
 * <p>Start at {@link dev.penstock.cluster.ClusterServer}, which puts the parts together, and its {@link
 * dev.penstock.cluster.ClusterOptions}, which list each {@link dev.penstock.cluster.ClusterMember}. {@code GroupLog}
 * makes entries of what clients write, {@code LogTime} says at which time, {@code ExecutingReplica} executes them on
 * the store, {@code GroupView} shows clients who leads, and {@code MemberProbe} finds out which nodes are reachable. A
 * {@link dev.penstock.cluster.ClusterListener} is told who leads. {@code GroupNode} starts the node's part in the log
 * again where that has stopped, and {@code NodeFolder} keeps nodes from each other's directories.
 *
 * <p>Threads of a node: the event loop of its server proposes, {@code penstock-apply} executes entries, {@code
 * penstock-cluster} looks ten times a second who leads and has time pass, {@code penstock-probe} connects to nodes that
 * this one does not hear of; the rest is the log's. They hand each other work by queues and futures; the locks are
 * those of the store and of the log, and one of {@code GroupNode} that is held while a node starts or is closed.
 *
 * <p>A program that runs a node uses this package; the server does not know it.
 */
@NullMarked
package dev.penstock.cluster;

import org.jspecify.annotations.NullMarked;
