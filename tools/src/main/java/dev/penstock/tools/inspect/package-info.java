/**
 * What {@code inspect} prints. Start at {@link dev.penstock.tools.inspect.Inspection}, which is everything that is
 * known of a store.
 *
 * <p>{@link dev.penstock.tools.inspect.InspectionText} prints it for people,
 * {@link dev.penstock.tools.inspect.InspectionJson} for scripts, and
 * {@link dev.penstock.tools.inspect.InspectionHtml} as a page that needs no other file.
 * {@link dev.penstock.tools.inspect.RecordText} prints single records and segments.
 *
 * <p>The command {@code inspect} uses these classes, on one thread. No lock is taken.
 */
@NullMarked
package dev.penstock.tools.inspect;

import org.jspecify.annotations.NullMarked;
