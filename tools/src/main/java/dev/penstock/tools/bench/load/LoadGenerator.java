package dev.penstock.tools.bench.load;

import dev.penstock.tools.client.ServerAccess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;

/**
 * Runs a plan against a server: connects, fills, warms up, measures. Its memory does not grow with the number of keys,
 * the length of values or the duration. One thread calls; the workers' threads end with the call.
 */
public final class LoadGenerator {

    private static final int FILL_DEPTH = 16;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long LEAD_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final ServerAccess access;
    private final LoadPlan plan;
    private final LoadListener listener;
    private final LoadClock clock = new LoadClock();
    private final List<LoadWorker> workers = new ArrayList<>();
    private long measuredFrom = RequestStream.NEVER;

    private LoadGenerator(ServerAccess access, LoadPlan plan, LoadListener listener) {
        this.access = access;
        this.plan = plan;
        this.listener = listener;
    }

    /**
     * Runs a plan to its end.
     *
     * @throws IOException if there is no server, if it refuses what is sent first, or if a connection breaks
     * @throws InterruptedException if the calling thread is interrupted
     */
    public static LoadResult run(ServerAccess access, LoadPlan plan, LoadListener listener)
            throws IOException, InterruptedException {
        LoadGenerator generator = new LoadGenerator(access, plan, listener);
        try {
            return generator.run();
        } finally {
            for (LoadWorker worker : generator.workers) {
                worker.close();
            }
        }
    }

    private LoadResult run() throws IOException, InterruptedException {
        SplittableRandom random = new SplittableRandom(plan.seed());
        connect(Noise.block(random.nextLong()));
        long fillBegan = clock.now();
        long filledBytes = plan.fill() ? fill(random) : 0;
        Duration fillTime = Duration.ofNanos(plan.fill() ? clock.now() - fillBegan : 0);
        Measurement measurement = plan.run() ? measure(random) : new Measurement(List.of(), Map.of(), 0);
        return result(measurement, filledBytes, fillTime);
    }

    private void connect(ByteBuffer noise) throws IOException, InterruptedException {
        int capacity = Math.max(plan.pipeline(), FILL_DEPTH);
        List<OneOffStream> handshakes = new ArrayList<>();
        for (int number = 0; number < plan.threads(); number++) {
            LoadWorker worker = new LoadWorker(clock);
            workers.add(worker);
            int share = share(plan.connections(), number);
            for (int i = 0; i < share; i++) {
                worker.connect(access, capacity, plan.keyPrefix(), noise);
            }
            handshakes.add(new HandshakeStream(access, share));
        }
        // One request each: the worker offers each to all connections in turn, before there is any reply.
        runAll(handshakes, 1, PATIENCE_NANOS, () -> {});
        check(handshakes);
    }

    private int share(int whole, int number) {
        return whole / plan.threads() + (number < whole % plan.threads() ? 1 : 0);
    }

    private long fill(SplittableRandom random) throws IOException, InterruptedException {
        AtomicLong next = new AtomicLong();
        LongAdder bytes = new LongAdder();
        double expected = plan.sizes().mean() * plan.keyCount();
        List<OneOffStream> streams = new ArrayList<>();
        for (LoadWorker _ : workers) {
            streams.add(new FillStream(plan, next, bytes, random.split()));
        }
        runAll(
                streams,
                FILL_DEPTH,
                RequestStream.NEVER,
                () -> listener.filled(bytes.sum(), Math.max(bytes.sum(), (long) expected)));
        check(streams);
        listener.filled(bytes.sum(), bytes.sum());
        return bytes.sum();
    }

    private static void check(List<OneOffStream> streams) throws IOException {
        for (OneOffStream stream : streams) {
            stream.check();
        }
    }

    private record Measurement(List<WorkloadStream> streams, Map<RequestKind, Histogram> latencies, long offered) {}

    private Measurement measure(SplittableRandom random) throws IOException, InterruptedException {
        KeySpace keys = new KeySpace(plan.keyCount());
        long start = clock.now() + LEAD_NANOS;
        long measured = start + plan.warmUp().toNanos();
        long end = measured + plan.duration().toNanos();
        List<WorkloadStream> streams = new ArrayList<>();
        long offered = 0;
        for (int number = 0; number < workers.size(); number++) {
            ArrivalSchedule schedule = new ArrivalSchedule(start, measured, end, plan.rate(), number, workers.size());
            streams.add(new WorkloadStream(plan, schedule, keys, random.split()));
            offered += plan.isSaturating() ? 0 : schedule.measuredCount();
        }
        Map<RequestKind, Histogram> latencies = new EnumMap<>(RequestKind.class);
        long[] intervalBegan = {measured};
        Runnable interval = () -> {
            if (clock.now() > measured) {
                intervalBegan[0] = interval(streams, latencies, intervalBegan[0], measured);
            }
        };
        measuredFrom = measured;
        runAll(streams, plan.pipeline(), PATIENCE_NANOS, interval);
        streams.forEach(WorkloadStream::recordNotSent);
        interval(streams, latencies, intervalBegan[0], measured);
        return new Measurement(streams, latencies, offered);
    }

    /** Takes what was recorded since the last time; returns the time. */
    private long interval(
            List<WorkloadStream> streams, Map<RequestKind, Histogram> latencies, long began, long measured) {
        Map<RequestKind, Histogram> taken = new EnumMap<>(RequestKind.class);
        streams.forEach(stream -> stream.latencies().drainTo(taken));
        long now = clock.now();
        taken.forEach((kind, histogram) -> latencies
                .computeIfAbsent(kind, _ -> LatencyRecorder.histogram())
                .add(histogram));
        listener.interval(began - measured, now - measured, taken);
        return now;
    }

    /**
     * Runs a phase on all workers, a thread each.
     *
     * @param everySecond is called until they have ended
     */
    private void runAll(List<? extends RequestStream> streams, int depth, long patienceNanos, Runnable everySecond)
            throws IOException, InterruptedException {
        long measured = measuredFrom;
        workers.forEach(LoadWorker::prepare);
        BlockingQueue<Object> outcomes = new ArrayBlockingQueue<>(workers.size());
        List<Thread> threads = new ArrayList<>();
        for (int number = 0; number < workers.size(); number++) {
            LoadWorker worker = workers.get(number);
            RequestStream stream = streams.get(number);
            threads.add(Thread.ofPlatform()
                    .daemon()
                    .name("penstock-load-" + number)
                    .start(() -> {
                        Object outcome = worker;
                        try {
                            worker.run(stream, depth, measured, patienceNanos);
                        } catch (IOException | RuntimeException | Error e) {
                            outcome = e;
                        }
                        outcomes.add(outcome);
                    }));
        }
        try {
            long wake = clock.now();
            for (int ended = 0; ended < workers.size(); ) {
                wake = Math.max(wake + TimeUnit.SECONDS.toNanos(1), clock.now());
                Object outcome = outcomes.poll(wake - clock.now(), TimeUnit.NANOSECONDS);
                if (outcome instanceof Throwable failure) {
                    rethrow(failure);
                }
                if (outcome == null) {
                    everySecond.run();
                } else {
                    ended++;
                }
            }
        } finally {
            workers.forEach(LoadWorker::cancel);
            for (Thread thread : threads) {
                thread.join();
            }
        }
    }

    private void rethrow(Throwable failure) throws IOException {
        switch (failure) {
            case UncheckedIOException e -> rethrow(Objects.requireNonNull(e.getCause()));
            case IOException e -> throw new IOException(access.address() + ": " + e.getMessage(), e);
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(failure);
        }
    }

    private LoadResult result(Measurement measurement, long filledBytes, Duration fillTime) {
        Histogram delay = LatencyRecorder.histogram();
        long busy = 0;
        long loop = 0;
        for (LoadWorker worker : workers) {
            delay.add(worker.effort().delay());
            busy += worker.effort().busyNanos();
            loop += worker.effort().loopNanos();
        }
        double busyShare = loop == 0 ? 0 : (double) busy / loop;
        List<WorkloadStream> streams = measurement.streams();
        long unanswered =
                streams.stream().mapToLong(WorkloadStream::unansweredCount).sum();
        long notSent = streams.stream().mapToLong(WorkloadStream::notSentCount).sum();
        long errors = streams.stream().mapToLong(WorkloadStream::errorCount).sum();
        long recorded = measurement.latencies().values().stream()
                .mapToLong(Histogram::getTotalCount)
                .sum();
        long offered = plan.isSaturating() ? recorded + errors : measurement.offered();
        Histogram all = LatencyRecorder.histogram();
        measurement.latencies().values().forEach(all::add);
        Verdict verdict = plan.isSaturating()
                ? Verdict.ofSaturation(busyShare)
                : Verdict.ofRate(
                        offered,
                        offered - unanswered - notSent,
                        delay.getValueAtPercentile(99),
                        all.getValueAtPercentile(99),
                        busyShare);
        return new LoadResult(
                plan.fill() ? plan.keyCount() : 0,
                filledBytes,
                fillTime,
                measurement.latencies(),
                offered,
                unanswered,
                notSent,
                errors,
                streams.stream()
                        .map(WorkloadStream::firstError)
                        .filter(e -> e != null)
                        .findFirst()
                        .orElse(null),
                streams.stream().mapToLong(WorkloadStream::missingCount).sum(),
                delay,
                busyShare,
                verdict);
    }
}
