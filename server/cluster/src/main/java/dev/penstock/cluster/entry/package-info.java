/**
 * The entries of a group's log, as bytes.
 *
 * <p>Start at {@link dev.penstock.cluster.entry.LogEntry}, which shows the bytes.
 *
 * <table>
 * <caption>The classes</caption>
 * <tr><td>{@link dev.penstock.cluster.entry.LogEntry}</td><td>one entry: its kind, its time, its bytes</td></tr>
 * <tr><td>{@link dev.penstock.cluster.entry.LogEntryWriter}</td><td>gathers commands into an entry</td></tr>
 * <tr><td>{@link dev.penstock.cluster.entry.LogEntryReader}</td><td>walks the commands of an entry</td></tr>
 * <tr><td>{@link dev.penstock.cluster.entry.EntryLimitException}</td><td>a command is too long for the log</td></tr>
 * <tr><td>{@link dev.penstock.cluster.entry.MalformedEntryException}</td><td>bytes are not an entry</td></tr>
 * </table>
 *
 * <p>The leader of a group writes entries; every replica uses the reader to execute them. An entry is immutable and may
 * be shared; writers and readers are for one thread. There is no lock.
 */
@NullMarked
package dev.penstock.cluster.entry;

import org.jspecify.annotations.NullMarked;
