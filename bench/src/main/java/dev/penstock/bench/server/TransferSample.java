package dev.penstock.bench.server;

import java.util.Map;

/**
 * What one row's way cost in one round.
 *
 * @param way how the values moved
 * @param direction out of the server or into it
 * @param length of each value in bytes
 * @param connections that asked at once
 * @param processorMillis of the server for each GiB
 * @param contextSwitches of the server for each MiB
 * @param gibibytesPerSecond that came; the client bounds it as well
 */
record TransferSample(
        TransferWay way,
        Direction direction,
        int length,
        int connections,
        double processorMillis,
        double contextSwitches,
        double gibibytesPerSecond) {

    enum Direction {
        OUT,
        IN
    }

    /**
     * What was looked at once for each way and length.
     *
     * @param calls system calls of the server for each MiB, by name, with one connection; empty if nobody could watch
     * @param coldResidency which part of the values was in the page cache after they had been read once from a cold
     *     one; NaN where they are in no files
     * @param coldGibibytesPerSecond how fast that was
     */
    record Look(
            TransferWay way,
            Direction direction,
            int length,
            Map<String, Double> calls,
            double coldResidency,
            double coldGibibytesPerSecond) {}
}
