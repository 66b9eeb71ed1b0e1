package dev.penstock.tools.bench.load;

/** Whether a run's figures are valid, and for what. */
public enum Verdict {
    /** The requests were sent when they were due, and answered: the latencies are the server's. */
    RATE_KEPT("the rate was kept; the latencies are the server's"),
    /** The server did not keep up: the latencies are its, and grow with the duration. */
    SERVER_BEHIND("the server did not keep up with the rate; the latencies count from when requests were due, and "
            + "would go on growing"),
    /** The generator did not keep up: the latencies are its own. */
    GENERATOR_BEHIND("the generator could not keep the rate; these latencies are its own, not the server's. Ask for a "
            + "lower rate, use more threads or another machine"),
    /** Without a rate: the server was what there was to wait for. */
    SERVER_SATURATED("the server was busy, the generator had time left; latencies count from when requests were sent"),
    /** Without a rate: the generator was never idle. */
    GENERATOR_SATURATED("the generator was busy all the time; the server may be able to do more. Use more threads or "
            + "another machine");

    private static final double KEPT_SHARE = 0.99;
    private static final double BUSY_SHARE = 0.9;
    private static final double DELAY_SHARE = 0.1;
    private static final long HARMLESS_DELAY_NANOS = 1_000_000;

    private final String meaning;

    Verdict(String meaning) {
        this.meaning = meaning;
    }

    /** A sentence for people. */
    public String meaning() {
        return meaning;
    }

    /** Whether the figures answer the question that was asked. */
    public boolean isGood() {
        return this == RATE_KEPT || this == SERVER_SATURATED;
    }

    /**
     * Judges a run without a rate.
     *
     * @param busyShare of the generator's time in which it had something to do, from 0 to 1
     */
    static Verdict ofSaturation(double busyShare) {
        return busyShare >= BUSY_SHARE ? GENERATOR_SATURATED : SERVER_SATURATED;
    }

    /**
     * Judges a run at a fixed rate.
     *
     * @param offered requests that were due
     * @param answered how many of them were answered
     * @param delayNanos 99th percentile of how late the generator was by its own fault
     * @param latencyNanos 99th percentile of the latencies
     * @param busyShare of the generator's time in which it had something to do, from 0 to 1
     */
    static Verdict ofRate(long offered, long answered, long delayNanos, long latencyNanos, double busyShare) {
        boolean kept = answered >= KEPT_SHARE * offered;
        boolean late = delayNanos > HARMLESS_DELAY_NANOS && delayNanos > DELAY_SHARE * latencyNanos;
        if (late || !kept && busyShare >= BUSY_SHARE) {
            return GENERATOR_BEHIND;
        }
        return kept ? RATE_KEPT : SERVER_BEHIND;
    }
}
