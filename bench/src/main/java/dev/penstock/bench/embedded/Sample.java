package dev.penstock.bench.embedded;

/**
 * What one fork measured.
 *
 * @param operation label of the operation
 * @param engine name of the engine
 * @param unit how to read the figure
 * @param round which round of the run it belongs to, from 1
 * @param figure operations per second or milliseconds
 * @param allocatedBytesPerOperation garbage an operation makes on the Java heap
 * @param diskBytes size of the store afterwards, where the operation reports it, else 0
 * @param writtenBytesPerOperation what an operation made the device write, where that is of interest, else 0
 */
record Sample(
        String operation,
        String engine,
        Operation.Unit unit,
        int round,
        double figure,
        double allocatedBytesPerOperation,
        long diskBytes,
        double writtenBytesPerOperation) {}
