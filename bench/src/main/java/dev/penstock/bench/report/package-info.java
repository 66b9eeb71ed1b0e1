/**
 * What programs say in the end. Start at {@link dev.penstock.bench.report.Report}, which begins with a run, knows its
 * command and its commit from the system properties that the scripts set, describes the {@link
 * dev.penstock.bench.report.Machine}, and writes the rows and samples as one JSON file. {@link
 * dev.penstock.bench.report.Table} prints rows as text that is also Markdown, {@link
 * dev.penstock.bench.report.CostChart} draws lines as SVG, {@link dev.penstock.bench.report.Median} and {@link
 * dev.penstock.bench.report.Spread} reduce rounds. {@link dev.penstock.bench.report.ResultOptions} holds the options of
 * the command line that every program has.
 *
 * <p>The usual order in a program: {@code Report.begin}, print {@code heading()}, measure, print a {@code Table}, then
 * {@code write}. Nothing here knows what is measured.
 *
 * <p>All packages with programs use this one, each from its main thread, so there are no locks.
 */
@NullMarked
package dev.penstock.bench.report;

import org.jspecify.annotations.NullMarked;
