package dev.penstock.cluster.raft;

/** What became of an entry that was submitted. */
public sealed interface SubmitOutcome {

    /**
     * A majority has it in its log, and this replica has applied it.
     *
     * @param index where it stands in the log
     */
    record Applied(long index) implements SubmitOutcome {}

    /** Nothing was done, and nothing will be: it may be submitted again, here or elsewhere. */
    record Refused(Reason reason) implements SubmitOutcome {}

    /** It was appended, and the lead was lost before it was known to be committed. It may yet be applied. */
    record Unknown() implements SubmitOutcome {}

    /** Why nothing was done. */
    enum Reason {
        /** Another replica leads, or none, or this one in another term than that of the entry. */
        NOT_LEADER,
        /** This replica leads since a moment ago, and will take entries in another. */
        NOT_READY,
        /** Too much is under way. */
        BUSY,
        /** The node is closed or has failed. */
        STOPPED
    }
}
