package dev.penstock.store;

/**
 * What a backup did.
 *
 * @param fileCount files of the backup that hold records
 * @param bytes bytes of these files
 * @param copiedBytes bytes that were copied; the others are shared with the store or with the backup before
 */
public record BackupReport(int fileCount, long bytes, long copiedBytes) {}
