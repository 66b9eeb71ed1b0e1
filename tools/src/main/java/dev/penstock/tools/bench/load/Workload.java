package dev.penstock.tools.bench.load;

import java.util.random.RandomGenerator;

/** The core workloads of YCSB (B. Cooper and others, 2010) that a key-value store can run; E scans ranges. */
public enum Workload {
    /** Half reads, half updates: a session store. */
    A(0.5, RequestKind.UPDATE, KeyDistribution.ZIPFIAN),
    /** Mostly reads: tags of photos. */
    B(0.95, RequestKind.UPDATE, KeyDistribution.ZIPFIAN),
    /** Reads alone: a cache of profiles. */
    C(1, RequestKind.READ, KeyDistribution.ZIPFIAN),
    /** Reads of what was just inserted: status updates. */
    D(0.95, RequestKind.INSERT, KeyDistribution.LATEST),
    /** Reads and read-modify-writes: a user database. */
    F(0.5, RequestKind.READ_MODIFY_WRITE, KeyDistribution.ZIPFIAN);

    private final double readShare;
    private final RequestKind other;
    private final KeyDistribution distribution;

    Workload(double readShare, RequestKind other, KeyDistribution distribution) {
        this.readShare = readShare;
        this.other = other;
        this.distribution = distribution;
    }

    /** How YCSB spreads the keys of this workload. */
    public KeyDistribution distribution() {
        return distribution;
    }

    /** Such as "95 % read, 5 % update". */
    public String describe() {
        long reads = Math.round(readShare * 100);
        return reads == 100 ? "100 % read" : reads + " % read, " + (100 - reads) + " % " + other.label();
    }

    RequestKind next(RandomGenerator random) {
        return random.nextDouble() < readShare ? RequestKind.READ : other;
    }
}
