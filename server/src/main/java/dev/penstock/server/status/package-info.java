/**
 * What a person, a collector of metrics or a supervisor may look at while the server runs: a page, the Prometheus
 * format and the answers to probes, over HTTP, on a separate port.
 *
 * <p>Start at {@link dev.penstock.server.status.StatusServer}. It accepts a connection, reads one {@link
 * dev.penstock.server.status.StatusRequest}, and {@link dev.penstock.server.status.StatusPages} answers: {@link
 * dev.penstock.server.status.StatusPage} as HTML, {@link dev.penstock.server.status.MetricsText} as metrics. Both show
 * a {@link dev.penstock.server.report.MetricsSnapshot}. {@code StatusAccess} decides who sees them. Probes get a {@link
 * dev.penstock.server.report.Health}.
 *
 * <p>It has a separate thread, so a slow reader keeps no client waiting. That thread reads counters as they were a
 * moment ago, changes nothing, and takes no lock.
 *
 * <p>{@link dev.penstock.server.PenstockServer} starts and closes it; nothing else uses this package.
 */
@NullMarked
package dev.penstock.server.status;

import org.jspecify.annotations.NullMarked;
