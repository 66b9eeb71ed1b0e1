/**
 * The formats of other programs, for {@code export} and {@code import}. Start at {@link
 * dev.penstock.tools.exchange.EntryFormat}, which makes a reader or a writer for each format of a file.
 *
 * <p>A reader is a source of entries for the package {@code load}, which also has the readers of text. {@link
 * dev.penstock.tools.exchange.RdbReader} reads the files of Redis: the library that knows their types skips what is no
 * string, and strings pass through in pieces. An {@link dev.penstock.tools.exchange.EntryWriter} writes entries, as
 * {@link dev.penstock.tools.exchange.RdbWriter} does for Redis.
 *
 * <p>{@link dev.penstock.tools.exchange.RedisSource} reads a running server, which {@link
 * dev.penstock.tools.exchange.RedisUrl} names. {@link dev.penstock.tools.exchange.RedisImport} notes how far it is in a
 * {@link dev.penstock.tools.exchange.ResumePoint}.
 *
 * <p>{@link dev.penstock.tools.exchange.InputFile} is a file to import, which may be compressed, {@link
 * dev.penstock.tools.exchange.OutputFile} one to export to, which gets its name when it is complete, and {@link
 * dev.penstock.tools.exchange.CountingOutput} counts its bytes. {@link dev.penstock.tools.exchange.Compression} knows
 * gzip and zstd. {@link dev.penstock.tools.exchange.DamagedInputException} says where compressed data are damaged.
 * {@link dev.penstock.tools.exchange.ImportReport} and {@link dev.penstock.tools.exchange.ExportReport} are what the
 * commands print at the end.
 *
 * <p>The package {@code command} uses these classes. Each belongs to the one thread of its command, and none takes a
 * lock. None has a whole value in memory that is longer than 1 MiB.
 */
@NullMarked
package dev.penstock.tools.exchange;

import org.jspecify.annotations.NullMarked;
