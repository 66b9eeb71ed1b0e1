package dev.penstock.tools.bench.load;

import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** The requests of a workload, at a fixed rate or as fast as they are answered; records their outcomes. */
final class WorkloadStream implements RequestStream {

    /** So long after the end what was due before it is still sent, in case the worker wakes a little late. */
    private static final long GRACE_NANOS = 5_000_000;

    /** Requests that were never sent are recorded in at most so many steps, however many they are. */
    private static final long MAX_STEPS = 100_000;

    private final LoadPlan plan;
    private final ArrivalSchedule schedule;
    private final KeySpace keys;
    private final KeyDistribution.KeyChooser chooser;
    private final SplittableRandom random;
    private final LatencyRecorder latencies = new LatencyRecorder();
    private long number;
    private long due;

    private long unanswered;
    private long notSent;
    private long missing;
    private long errors;
    private @Nullable String firstError;

    WorkloadStream(LoadPlan plan, ArrivalSchedule schedule, KeySpace keys, SplittableRandom random) {
        this.plan = plan;
        this.schedule = schedule;
        this.keys = keys;
        this.chooser = plan.distribution().chooser(keys);
        this.random = random;
        this.due = plan.isSaturating() ? 0 : schedule.due(0);
    }

    @Override
    public boolean isScheduled() {
        return !plan.isSaturating();
    }

    @Override
    public long nextDue(long now) {
        if (plan.isSaturating()) {
            return now < schedule.end() ? Math.max(now, schedule.start()) : NEVER;
        }
        return due < schedule.end() && now < schedule.end() + GRACE_NANOS ? due : NEVER;
    }

    @Override
    public void send(LoadConnection connection, long now) {
        long mine = now;
        if (!plan.isSaturating()) {
            mine = due;
            due = schedule.due(++number);
        }
        switch (plan.workload().next(random)) {
            case READ -> connection.get(Step.READ, chooser.next(random), mine);
            case READ_MODIFY_WRITE -> connection.get(Step.MODIFY_READ, chooser.next(random), mine);
            case INSERT ->
                connection.set(Step.INSERT, keys.allocate(), mine, plan.sizes().next(random));
            default ->
                connection.set(
                        Step.UPDATE, chooser.next(random), mine, plan.sizes().next(random));
        }
    }

    @Override
    public void replied(LoadConnection connection, Step step, long key, long due, ReplyParser reply, long now) {
        if (step == Step.INSERT) {
            keys.acknowledge(key);
        }
        boolean measured = due >= schedule.measured();
        if (reply.error() != null) {
            if (firstError == null) {
                firstError = reply.error();
            }
            errors += measured ? 1 : 0;
            return;
        }
        missing += measured && reply.isMissing() ? 1 : 0;
        if (step == Step.MODIFY_READ) {
            connection.follow(key, due, plan.sizes().next(random));
        } else if (measured) {
            latencies.record(kind(step), now - due, 1);
        }
    }

    @Override
    public void unanswered(Step step, long due, long now) {
        if (due >= schedule.measured()) {
            unanswered++;
            latencies.record(kind(step), now - due, 1);
        }
    }

    /** Records what was due and never sent with the time that it had waited when the time was up, a lower bound. */
    void recordNotSent() {
        if (plan.isSaturating()) {
            return;
        }
        long from = Math.max(number, schedule.countBefore(schedule.measured()));
        long end = schedule.countBefore(schedule.end());
        notSent = Math.max(0, end - from);
        long step = Math.max(1, Math.ceilDiv(notSent, MAX_STEPS));
        for (long at = from; at < end; at += step) {
            latencies.record(RequestKind.NOT_SENT, schedule.end() - schedule.due(at), Math.min(step, end - at));
        }
    }

    private static RequestKind kind(Step step) {
        return switch (step) {
            case READ -> RequestKind.READ;
            case INSERT -> RequestKind.INSERT;
            case MODIFY_READ, MODIFY_WRITE -> RequestKind.READ_MODIFY_WRITE;
            case UPDATE, FILL, HANDSHAKE -> RequestKind.UPDATE;
        };
    }

    LatencyRecorder latencies() {
        return latencies;
    }

    /** Requests that were sent and not answered. */
    long unansweredCount() {
        return unanswered;
    }

    long notSentCount() {
        return notSent;
    }

    /** Reads of keys that the server did not have. */
    long missingCount() {
        return missing;
    }

    long errorCount() {
        return errors;
    }

    /** The first error reply, null if there was none. */
    @Nullable
    String firstError() {
        return firstError;
    }
}
