package dev.penstock.store;

/** Receives the progress of a long operation, on the thread that runs it. */
@FunctionalInterface
public interface ProgressListener {

    /** Ignores everything. */
    ProgressListener NONE = new ProgressListener() {
        @Override
        public void progress(long doneBytes, long totalBytes) {
            // nobody listens
        }
    };

    /**
     * Reports progress.
     *
     * @param doneBytes bytes handled so far
     * @param totalBytes bytes to handle in all; may still grow while the operation runs
     */
    void progress(long doneBytes, long totalBytes);
}
