/**
 * What a person or a collector of metrics may look at while the server runs: a page and the Prometheus format, over HTTP.
 * Start at {@link dev.penstock.server.status.StatusServer}; the figures themselves come from
 * {@link dev.penstock.server.report.MetricsSnapshot}.
 */
package dev.penstock.server.status;
