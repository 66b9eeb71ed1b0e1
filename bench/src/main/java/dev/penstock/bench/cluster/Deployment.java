package dev.penstock.bench.cluster;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The running servers of one system. */
final class Deployment implements AutoCloseable {

    private static final long LIMIT_SECONDS = 90;
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /** Finds out how a system is. */
    interface Probe {

        /** Whether the member takes writes; fails or is false if it does not. */
        boolean leads(Member member) throws IOException;

        /** Whether a member that was started again takes part; fails or is false if it does not. */
        default boolean isCurrent(Member member) throws IOException {
            return leads(member);
        }
    }

    private final List<Member> members;
    private final Probe probe;

    Deployment(List<Member> members, Probe probe) {
        this.members = List.copyOf(members);
        this.probe = probe;
    }

    List<Member> members() {
        return members;
    }

    /** Waits for a member that takes writes. */
    Member leader() throws IOException {
        AtomicReference<@Nullable Member> found = new AtomicReference<>();
        await(
                () -> {
                    for (Member member : members) {
                        if (isTrue(() -> probe.leads(member))) {
                            found.set(member);
                            return true;
                        }
                    }
                    return false;
                },
                "no server takes writes");
        return Objects.requireNonNull(found.get());
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    private static void await(Condition condition, String otherwise) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        while (!isTrue(condition)) {
            if (System.nanoTime() > deadline) {
                throw new IOException(otherwise + ", after " + LIMIT_SECONDS + " s");
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private static boolean isTrue(Condition condition) {
        try {
            return condition.holds();
        } catch (IOException notNow) {
            return false;
        }
    }

    /** Waits until a member that was started again takes part. */
    void awaitCurrent(Member member) throws IOException {
        await(() -> probe.isCurrent(member), member.name() + " does not catch up");
    }

    /** User and system time of all members so far. */
    Duration processorTime() throws IOException {
        Duration sum = Duration.ZERO;
        for (Member member : members) {
            sum = sum.plus(member.process().processorTime());
        }
        return sum;
    }

    @Override
    public void close() {
        members.forEach(Member::close);
    }
}
