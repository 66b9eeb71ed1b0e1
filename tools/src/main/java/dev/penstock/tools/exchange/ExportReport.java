package dev.penstock.tools.exchange;

/**
 * What an export did, as {@code penstock export --json} prints it.
 *
 * @param entries entries that were written
 * @param bytes bytes of their values
 * @param fileBytes bytes of the file
 * @param seconds how long it took
 */
public record ExportReport(long entries, long bytes, long fileBytes, double seconds) {}
