package dev.penstock.store.check;

/**
 * One thing that is wrong with a store.
 *
 * @param severity whether data is affected
 * @param file name of the file inside the store's directory
 * @param offset offset in bytes from the start of the file
 * @param problem what is wrong there, in one sentence
 */
public record Finding(Severity severity, String file, long offset, String problem) {

    /** How bad a finding is. */
    public enum Severity {
        /** Unusual, and mended by the next open without loss: a torn tail, an upload cut short. */
        NOTICE,
        /** Stored data is damaged or missing. */
        CORRUPTION
    }
}
