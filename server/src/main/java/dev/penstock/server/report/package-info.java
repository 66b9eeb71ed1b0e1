/**
 * The state of a running server, for those who watch it.
 *
 * <p>Start at {@link dev.penstock.server.report.InfoReport}, which writes the text
 * of {@code INFO} under the names that Redis's tools read. {@link dev.penstock.server.report.MetricsSnapshot} has the
 * metrics that the status page and Prometheus show, grouped and named; a {@link dev.penstock.server.report.Metric} that
 * is added there appears in both. {@link dev.penstock.server.report.Health} is what probes ask for.
 *
 * <p>{@link dev.penstock.server.report.ClusterReport} writes the map of a cluster as the subcommands of CLUSTER show
 * it. {@link dev.penstock.server.report.GroupMetrics} has the figures of a node's group, and {@code GroupLines} those
 * lines of {@code INFO}. {@link dev.penstock.server.report.RoleReport} writes the reply to {@code ROLE}.
 *
 * <p>The first two read the {@link dev.penstock.server.session.ServerContext}: the sums of the event loops' counters,
 * the clients, the settings, and the store's own figures. {@link dev.penstock.server.report.MemoryUsage} and {@link
 * dev.penstock.server.report.ProcessorTime} ask the JVM and the kernel.
 *
 * <p>Any thread may make a report; it is used by that thread alone. Nothing is locked, and nothing stands still: each
 * number is of its own moment.
 *
 * <p>The INFO command and the package {@code status} use this package. It reads everything and changes nothing.
 */
@NullMarked
package dev.penstock.server.report;

import org.jspecify.annotations.NullMarked;
