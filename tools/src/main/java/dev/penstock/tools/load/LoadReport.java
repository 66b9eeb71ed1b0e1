package dev.penstock.tools.load;

/**
 * What a load did, as {@code penstock load --json} prints it.
 *
 * @param entries entries that are stored
 * @param bytes bytes of their values
 * @param expired entries that had expired before they were loaded; their keys are absent now
 * @param skipped what a tree holds and is left out: links that lead nowhere or out of it, pipes, devices, odd names
 * @param rejected lines or files that could not be taken
 * @param seconds how long it took, the final sync included
 */
public record LoadReport(long entries, long bytes, long expired, long skipped, long rejected, double seconds) {}
