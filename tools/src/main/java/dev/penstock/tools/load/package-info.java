/**
 * Entries from files into a store, for {@code load}, {@code import} and {@code put}. Start at
 * {@link dev.penstock.tools.load.Loader}, which puts entries one after the other, counts them, and acknowledges each
 * when its put has returned.
 *
 * <p>Entries come from a folder as {@link dev.penstock.tools.load.Tree} walks it, or from lines of JSON as
 * {@link dev.penstock.tools.load.JsonLines} reads them, a token and a piece of a value at a time; lines and values may
 * be longer than the heap. {@link dev.penstock.tools.load.Entries} stores values whose length only the end of their
 * source tells. {@link dev.penstock.tools.load.LoadTarget} is the store, created when the first entry is to be stored.
 * A {@link dev.penstock.tools.load.StartedImport} removes a store that a failed import made, by
 * {@link dev.penstock.tools.load.NewStore}, and its {@code ImportMark} names the files of which a store has only a
 * part.
 * {@link dev.penstock.tools.load.AckLog} is the file of the keys that are stored, and
 * {@link dev.penstock.tools.load.LoadReport} what {@code load} prints at the end.
 *
 * <p>An {@link dev.penstock.tools.load.EntrySource} is whatever else entries can come from, such as
 * {@link dev.penstock.tools.load.CsvReader}; an {@link dev.penstock.tools.load.EntryReader} holds one entry in fields.
 * It reads a value into an {@link dev.penstock.tools.load.IncomingValue}, a
 * {@link dev.penstock.tools.load.ByteSink} like {@link dev.penstock.tools.load.ShortBytes}. It throws a
 * {@link dev.penstock.tools.load.BadEntryException} for what is no entry, and tells
 * {@link dev.penstock.tools.load.Omissions} of what it leaves out, which a
 * {@link dev.penstock.tools.load.SkippedFile} lists.
 *
 * <p>The package {@code command} uses these classes. Each belongs to the one thread of its command, and none takes a
 * lock.
 */
@NullMarked
package dev.penstock.tools.load;

import org.jspecify.annotations.NullMarked;
