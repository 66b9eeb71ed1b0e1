package dev.penstock.tools.exchange;

import java.util.Map;

/**
 * What an import did, as {@code penstock import --json} prints it.
 *
 * @param entries entries that were stored
 * @param bytes bytes of their values
 * @param expired entries that had expired before they were read; their keys are absent now
 * @param skipped how many were left out because a store has nothing like them, by what they are
 * @param rejected entries that could not be stored
 * @param seconds how long it took, the final sync included
 */
public record ImportReport(
        long entries, long bytes, long expired, Map<String, Long> skipped, long rejected, double seconds) {}
