package dev.penstock.store.check;

/**
 * One thing that is wrong with a store.
 *
 * @param code what kind of problem it is
 * @param severity whether data is affected
 * @param file name of the file inside the store's directory
 * @param offset offset in bytes from the start of the file
 * @param problem what is wrong there, in one sentence
 */
public record Finding(FindingCode code, Severity severity, String file, long offset, String problem) {

    /**
     * A finding of the severity that its code has.
     *
     * @param code what kind of problem it is
     * @param file name of the file inside the store's directory
     * @param offset offset in bytes from the start of the file
     * @param problem what is wrong there, in one sentence
     */
    public Finding(FindingCode code, String file, long offset, String problem) {
        this(code, code.severity(), file, offset, problem);
    }

    /** Severity of a finding. */
    public enum Severity {
        /** Unusual, and repaired without loss when the store is next opened: a torn tail, an interrupted upload. */
        NOTICE,
        /** Stored data is damaged or missing. */
        CORRUPTION
    }
}
