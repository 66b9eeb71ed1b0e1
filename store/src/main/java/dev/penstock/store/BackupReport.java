package dev.penstock.store;

/**
 * The result of a backup.
 *
 * @param fileCount number of files in the backup that hold records
 * @param bytes bytes of these files
 * @param copiedBytes bytes that were copied; the others are shared with the store or with the previous backup
 */
public record BackupReport(int fileCount, long bytes, long copiedBytes) {}
