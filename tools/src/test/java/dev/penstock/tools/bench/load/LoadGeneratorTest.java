package dev.penstock.tools.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.tools.bench.load.RequestStream.Step;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The generator measures what happened: against a server that does what the test wants. */
class LoadGeneratorTest {

    private static final long MILLISECOND = 1_000_000;

    private static LoadPlan plan(Workload workload, double rate, long millis) {
        return new LoadPlan(
                workload,
                workload.distribution(),
                200,
                "k:",
                ValueSizes.parse("100"),
                rate,
                Duration.ofMillis(50),
                Duration.ofMillis(millis),
                4,
                2,
                2,
                false,
                true,
                7);
    }

    private static LoadPlan fill(int keys, String sizes) {
        return new LoadPlan(
                Workload.C,
                KeyDistribution.UNIFORM,
                keys,
                "k:",
                ValueSizes.parse(sizes),
                1,
                Duration.ZERO,
                Duration.ofSeconds(1),
                5,
                1,
                2,
                true,
                false,
                7);
    }

    /**
     * The promise of an open loop. In 100 ms of silence 200 of 2000 requests are due; sent one after the other, as a
     * closed loop sends them, no more than the eight that are on their way would have noticed.
     */
    @Test
    void aStallShowsInTheLatenciesOfAllThatWasDueInIt() throws Exception {
        AtomicLong seen = new AtomicLong();
        StubServer[] self = new StubServer[1];
        try (StubServer server = new StubServer((words, number) -> {
            if (seen.incrementAndGet() == 1000) {
                Thread.ofPlatform().start(() -> self[0].stall(100));
            }
            return StubServer.usual(words, number);
        })) {
            self[0] = server;
            LoadResult result = LoadGenerator.run(server.access(), plan(Workload.C, 2000, 1000), LoadListener.NONE);
            Histogram all = result.all();
            assertNear(2000, result.offered(), 1);
            assertEquals(result.offered(), all.getTotalCount());
            assertTrue(all.getMaxValue() >= 95 * MILLISECOND, "the longest took " + all.getMaxValue());
            assertTrue(all.getValueAtPercentile(99) >= 75 * MILLISECOND, "p99 " + all.getValueAtPercentile(99));
            long noticed = all.getCountBetweenValues(20 * MILLISECOND, all.getMaxValue());
            assertTrue(noticed >= 140, noticed + " of the 160 that were due 20 ms before its end or earlier");
        }
    }

    /** The generator is late by its own fault; it says so, and does not call it the server's latency. */
    @Test
    void aGeneratorThatIsTooSlowKnowsIt() throws Exception {
        try (StubServer server = new StubServer(StubServer::usual);
                LoadWorker worker = new LoadWorker(new LoadClock())) {
            LoadPlan plan = plan(Workload.C, 2000, 300);
            worker.connect(server.access(), 16, "k:", Noise.block(1));
            WorkloadStream stream = new WorkloadStream(
                    plan,
                    new ArrivalSchedule(0, 0, 300 * MILLISECOND, 2000, 0, 1),
                    new KeySpace(200),
                    new SplittableRandom(7));
            worker.run(new Slow(stream, 2 * MILLISECOND), 16, 0, 10_000 * MILLISECOND);
            stream.recordNotSent();
            assertTrue(stream.notSentCount() > 300, stream.notSentCount() + " of 600 were not sent");
            LoadWorker.Effort effort = worker.effort();
            // Up to sixteen requests are on the connection at once, of which the last is late by what the others took.
            assertTrue(
                    effort.delay().getMaxValue() > 10 * MILLISECOND,
                    "late by " + effort.delay().getMaxValue());
            Histogram all = LatencyRecorder.histogram();
            drain(stream).values().forEach(all::add);
            assertEquals(600, all.getTotalCount());
            assertEquals(
                    Verdict.GENERATOR_BEHIND,
                    Verdict.ofRate(
                            600,
                            600 - stream.notSentCount(),
                            effort.delay().getValueAtPercentile(99),
                            all.getValueAtPercentile(99),
                            (double) effort.busyNanos() / effort.loopNanos()));
        }
    }

    /** A server that takes two milliseconds for each request is what keeps the rate from being kept. */
    @Test
    void aServerThatIsTooSlowIsNotTheGeneratorsFault() throws Exception {
        try (StubServer server = new StubServer((words, number) -> {
            spin(2 * MILLISECOND);
            return StubServer.usual(words, number);
        })) {
            LoadPlan plan = new LoadPlan(
                    Workload.C,
                    KeyDistribution.UNIFORM,
                    200,
                    "k:",
                    ValueSizes.parse("1"),
                    20_000,
                    Duration.ZERO,
                    Duration.ofMillis(500),
                    1,
                    1,
                    1,
                    false,
                    true,
                    7);
            LoadResult result = LoadGenerator.run(server.access(), plan, LoadListener.NONE);
            assertNear(10_000, result.offered(), 1);
            assertTrue(result.answered() <= 260, result.answered() + " were answered");
            assertEquals(result.offered(), result.all().getTotalCount());
            assertTrue(result.all().getValueAtPercentile(50) > 200 * MILLISECOND, "half waited at least half the time");
            assertEquals(
                    result.notSent(),
                    result.latencies().get(RequestKind.NOT_SENT).getTotalCount());
        }
    }

    @ParameterizedTest
    @EnumSource(Workload.class)
    void eachWorkloadSendsItsMix(Workload workload) throws Exception {
        Map<String, AtomicLong> commands = new ConcurrentHashMap<>();
        Set<String> keys = ConcurrentHashMap.newKeySet();
        try (StubServer server = new StubServer((words, number) -> {
            commands.computeIfAbsent(words.getFirst(), _ -> new AtomicLong()).incrementAndGet();
            if (words.size() > 1) {
                assertTrue(words.get(1).matches("k:[0-9]{13}"), words.get(1));
                keys.add(words.get(1));
            }
            return StubServer.usual(words, number);
        })) {
            LoadResult result = LoadGenerator.run(server.access(), plan(workload, 8000, 250), LoadListener.NONE);
            assertNear(2000, result.offered(), 1);
            assertEquals(result.offered(), result.all().getTotalCount());
            long reads = count(result, RequestKind.READ);
            double share = switch (workload) {
                case A, F -> 0.5;
                case B, D -> 0.95;
                case C -> 1;
            };
            assertNear(share * (double) (2000 - result.notSent()), reads, 100);
            RequestKind other = switch (workload) {
                case D -> RequestKind.INSERT;
                case F -> RequestKind.READ_MODIFY_WRITE;
                case A, B, C -> RequestKind.UPDATE;
            };
            assertNear(2000.0 - result.notSent() - reads, count(result, other), 1);
            // All 2400 are counted here, those of the warm-up too.
            long gets = commands.get("GET").get();
            long sets = workload == Workload.C ? 0 : commands.get("SET").get();
            assertEquals(
                    workload == Workload.F ? 1 : share,
                    (double) gets / (gets + (workload == Workload.F ? 0 : sets)),
                    0.05);
            assertNear(workload == Workload.F ? 0.5 * gets : sets, sets, 120);
            assertTrue(
                    keys.size() > 30 && keys.size() <= 200 + (workload == Workload.D ? sets : 0),
                    keys.size() + " keys");
        }
    }

    private static void assertNear(double expected, long actual, double tolerance) {
        assertEquals(expected, (double) actual, tolerance);
    }

    private static long count(LoadResult result, RequestKind kind) {
        Histogram histogram = result.latencies().get(kind);
        return histogram == null ? 0 : histogram.getTotalCount();
    }

    @Test
    void theFillStoresEachKeyOnceWithItsLength() throws Exception {
        Map<String, String> stored = new ConcurrentHashMap<>();
        try (StubServer server = new StubServer((words, number) -> {
            if (words.getFirst().equals("SET")) {
                assertEquals(null, stored.put(words.get(1), words.get(2)), "stored twice");
            }
            return "+OK\r\n";
        })) {
            AtomicLong progress = new AtomicLong();
            LoadResult result = LoadGenerator.run(server.access(), fill(300, "0,9k-20k,3m"), new LoadListener() {
                @Override
                public void filled(long doneBytes, long totalBytes) {
                    assertTrue(doneBytes <= totalBytes);
                    progress.set(doneBytes);
                }
            });
            assertEquals(300, stored.size());
            assertEquals(300, result.filledKeys());
            long bytes = stored.values().stream()
                    .mapToLong(value -> value.matches("[0-9]{4,7}") ? Long.parseLong(value) : value.length())
                    .sum();
            assertEquals(bytes, result.filledBytes());
            assertEquals(bytes, progress.get());
            assertTrue(stored.containsKey("k:0000000000000") && stored.containsKey("k:0000000000299"));
        }
    }

    /** Deep pipelines and read-modify-writes of values that fit into no buffer: every request gets its own reply. */
    @Test
    void longValuesInDeepPipelinesAreWholeRequests() throws Exception {
        AtomicLong gets = new AtomicLong();
        AtomicLong sets = new AtomicLong();
        try (StubServer server = new StubServer((words, number) -> {
            switch (words.getFirst()) {
                case "GET" -> gets.incrementAndGet();
                case "SET" -> sets.incrementAndGet();
                default -> {}
            }
            return StubServer.usual(words, number);
        })) {
            LoadPlan plan = new LoadPlan(
                    Workload.F,
                    KeyDistribution.ZIPFIAN,
                    50,
                    "",
                    ValueSizes.parse("10:8,8k,16k,300k"),
                    Double.POSITIVE_INFINITY,
                    Duration.ZERO,
                    Duration.ofMillis(300),
                    3,
                    20,
                    1,
                    false,
                    true,
                    7);
            LoadResult result = LoadGenerator.run(server.access(), plan, LoadListener.NONE);
            assertTrue(result.answered() > 100, result.answered() + " answered");
            assertEquals(result.answered(), gets.get());
            assertEquals(count(result, RequestKind.READ_MODIFY_WRITE), sets.get());
            assertEquals(result.answered(), result.all().getTotalCount());
            assertEquals(0, result.errors() + result.unanswered() + result.notSent());
        }
    }

    @Test
    void errorsAndMissingKeysAreCountedAndNotTakenForLatencies() throws Exception {
        try (StubServer server = new StubServer((words, number) -> switch (words.getFirst()) {
            case "GET" -> "$-1\r\n";
            case "SET" -> "-OOM no room\r\n";
            default -> "+PONG\r\n";
        })) {
            LoadResult result = LoadGenerator.run(server.access(), plan(Workload.A, 2000, 300), LoadListener.NONE);
            assertEquals("OOM no room", result.firstError());
            assertTrue(result.errors() > 200, result.errors() + " errors");
            assertEquals(count(result, RequestKind.READ), result.missing());
            assertEquals(result.offered() - result.errors(), result.all().getTotalCount());
            assertEquals(0, count(result, RequestKind.UPDATE));
        }
    }

    @Test
    void aFillThatIsRefusedEndsWithTheServersWords() throws Exception {
        try (StubServer server =
                new StubServer((words, number) -> number > 50 ? "-MISCONF the disk is full\r\n" : "+OK\r\n")) {
            String problem = assertThrows(
                            IOException.class,
                            () -> LoadGenerator.run(server.access(), fill(1000, "10"), LoadListener.NONE))
                    .getMessage();
            assertEquals("the server refused: MISCONF the disk is full", problem);
            assertTrue(server.requestCount() < 500, "it went on for " + server.requestCount());
        }
    }

    @Test
    void aConnectionThatBreaksEndsTheRun() throws Exception {
        try (StubServer server =
                new StubServer((words, number) -> number > 100 ? null : StubServer.usual(words, number))) {
            String problem = assertThrows(
                            IOException.class,
                            () -> LoadGenerator.run(server.access(), plan(Workload.C, 1000, 20_000), LoadListener.NONE))
                    .getMessage();
            assertEquals(server.address() + ": the server closed a connection", problem);
        }
    }

    @Test
    void repliesThatNobodyAskedForEndTheRun() throws Exception {
        try (StubServer server = new StubServer((words, number) -> "+OK\r\n+OK\r\n")) {
            String problem = assertThrows(
                            IOException.class,
                            () -> LoadGenerator.run(server.access(), plan(Workload.C, 1000, 20_000), LoadListener.NONE))
                    .getMessage();
            assertTrue(problem.endsWith("the server sent a reply to no request"), problem);
        }
    }

    @Test
    void requestsWithoutAReplyCountWithTheTimeTheyWaited() throws Exception {
        try (LoadWorker worker = new LoadWorker(new LoadClock());
                StubServer server =
                        new StubServer((words, number) -> number < 100 ? StubServer.usual(words, number) : "")) {
            worker.connect(server.access(), 1000, "k:", Noise.block(1));
            WorkloadStream stream = new WorkloadStream(
                    plan(Workload.F, 1000, 200),
                    new ArrivalSchedule(0, 0, 200 * MILLISECOND, 1000, 0, 1),
                    new KeySpace(200),
                    new SplittableRandom(7));
            worker.run(stream, 1000, 0, 100 * MILLISECOND);
            stream.recordNotSent();
            Histogram all = LatencyRecorder.histogram();
            drain(stream).values().forEach(all::add);
            assertEquals(200, all.getTotalCount());
            assertTrue(stream.unansweredCount() + stream.notSentCount() >= 100, stream.unansweredCount() + "");
            assertTrue(all.getMaxValue() >= 150 * MILLISECOND, "the longest waited " + all.getMaxValue());
        }
    }

    @Test
    void intervalsAddUpToTheWhole() throws Exception {
        try (StubServer server = new StubServer(StubServer::usual)) {
            AtomicLong count = new AtomicLong();
            AtomicLong last = new AtomicLong();
            LoadResult result = LoadGenerator.run(server.access(), plan(Workload.A, 1000, 1100), new LoadListener() {
                @Override
                public void interval(long from, long to, Map<RequestKind, Histogram> latencies) {
                    assertEquals(last.getAndSet(to), from);
                    assertNotEquals(from, to);
                    latencies.values().forEach(histogram -> count.addAndGet(histogram.getTotalCount()));
                }
            });
            assertEquals(result.all().getTotalCount(), count.get());
        }
    }

    private static Map<RequestKind, Histogram> drain(WorkloadStream stream) {
        Map<RequestKind, Histogram> latencies = new ConcurrentHashMap<>();
        stream.latencies().drainTo(latencies);
        return latencies;
    }

    private static void spin(long nanos) {
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }

    /** A stream that takes its time to think of each request. */
    private record Slow(WorkloadStream stream, long nanos) implements RequestStream {
        @Override
        public long nextDue(long now) {
            return stream.nextDue(now);
        }

        @Override
        public boolean isScheduled() {
            return stream.isScheduled();
        }

        @Override
        public void send(LoadConnection connection, long now) {
            spin(nanos);
            stream.send(connection, now);
        }

        @Override
        public void replied(LoadConnection connection, Step step, long key, long due, ReplyParser reply, long now) {
            stream.replied(connection, step, key, due, reply, now);
        }

        @Override
        public void unanswered(Step step, long due, long now) {
            stream.unanswered(step, due, now);
        }
    }
}
