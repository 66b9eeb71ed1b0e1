/**
 * Nodes of a cluster as directories and processes. Start at {@link dev.penstock.tools.cluster.LocalRun}, which runs a
 * cluster on one machine: a process for each node of a {@link dev.penstock.tools.cluster.LocalCluster}.
 *
 * <p>A {@link dev.penstock.tools.cluster.NodeFile} says which node of which cluster a directory belongs to, and lists
 * all of them as {@link dev.penstock.tools.cluster.Peer}s. A {@code NodeProcess} is a node that is started with the
 * options of this JVM, and stops when this process ends. {@link dev.penstock.tools.cluster.NodeLines} is what it prints
 * for the process that started it.
 *
 * <p>{@link dev.penstock.tools.cluster.ClusterState} is a cluster as its nodes describe it, each by a {@link
 * dev.penstock.tools.cluster.NodeState}.
 *
 * <p>The commands of {@code cluster} and {@code ServeNode} use this package. It knows neither the server nor the module
 * of the cluster. A thread reads each stream of a node; one lock of {@code LocalRun} is held while a line is
 * printed, the other while a node is started.
 */
@NullMarked
package dev.penstock.tools.cluster;

import org.jspecify.annotations.NullMarked;
