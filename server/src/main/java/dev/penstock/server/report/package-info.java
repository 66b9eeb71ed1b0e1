/**
 * The state of a running server, as INFO and the status page show it. Start at {@link
 * dev.penstock.server.report.InfoReport} and {@link dev.penstock.server.report.MetricsSnapshot}.
 */
package dev.penstock.server.report;
