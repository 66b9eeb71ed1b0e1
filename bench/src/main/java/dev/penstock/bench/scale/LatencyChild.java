package dev.penstock.bench.scale;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.bench.engine.Contender;
import dev.penstock.bench.engine.ContenderSession;
import dev.penstock.bench.engine.Dataset;
import dev.penstock.bench.engine.EngineKind;
import dev.penstock.bench.engine.PenstockContender;
import dev.penstock.bench.engine.RandomWalk;
import dev.penstock.bench.process.DataDirectory;
import dev.penstock.store.CompactionReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * What {@link LatencyRun} has a child JVM do: operations of one thread on one engine, each timed on its own. Prints one
 * JSON object for each kind of operation. Before anything counts, a smaller store has been worked until the code is
 * compiled.
 */
final class LatencyChild {

    /** Puts of new keys into a store that begins empty, puts of the same number of keys that are there. */
    static final String PUTS = "puts";

    /** Gets before a compaction, during it and after it. */
    static final String COMPACTION = "compaction";

    private static final long WARMUP_KEYS = 500_000;
    private static final int WARMUPS = 2;

    private final ObjectMapper json = new ObjectMapper();

    private LatencyChild() {}

    /** Arguments: what to do, engine, keys. */
    public static void main(String[] args) throws IOException {
        LatencyChild child = new LatencyChild();
        EngineKind engine = EngineKind.named(args[1]);
        long keys = Long.parseLong(args[2]);
        if (args[0].equals(PUTS)) {
            for (int i = 0; i < WARMUPS; i++) {
                child.puts(engine, Math.min(keys, WARMUP_KEYS), false);
            }
            child.puts(engine, keys, true);
        } else {
            child.compaction(Math.min(keys, WARMUP_KEYS), false);
            child.compaction(keys, true);
        }
    }

    private void print(OperationLatencies latencies) throws JsonProcessingException {
        System.out.println(json.writeValueAsString(latencies.summary()));
    }

    private void puts(EngineKind engine, long keys, boolean counts) throws IOException {
        System.gc();
        Path directory = DataDirectory.create();
        try (Contender contender = engine.open(directory, keys);
                ContenderSession session = contender.session()) {
            OperationLatencies inserts = new OperationLatencies("put of a new key");
            List<OperationLatencies> events = List.of();
            long start = System.nanoTime();
            if (counts && engine == EngineKind.PENSTOCK) {
                try (StoreEvents recorded = new StoreEvents()) {
                    insert(session, keys, inserts);
                    events = recorded.stop();
                }
            } else {
                insert(session, keys, inserts);
            }
            long took = System.nanoTime() - start;
            OperationLatencies overwrites = new OperationLatencies("put of a key that is there");
            RandomWalk walk = new RandomWalk(keys);
            for (long n = 0; n < keys; n++) {
                time(session, walk.next(), overwrites);
            }
            if (counts) {
                print(inserts);
                for (OperationLatencies kind : events) {
                    print(kind);
                }
                print(overwrites);
                print(clock(took));
            }
        } finally {
            DataDirectory.delete(directory);
        }
    }

    private static void insert(ContenderSession session, long keys, OperationLatencies latencies) {
        for (long n = 0; n < keys; n++) {
            time(session, n, latencies);
        }
    }

    private static void time(ContenderSession session, long n, OperationLatencies latencies) {
        long high = Dataset.high(n);
        long low = Dataset.low(n);
        long before = System.nanoTime();
        session.put(high, low, n + ContenderSession.LOADED);
        latencies.record(System.nanoTime() - before);
    }

    /** For as long as the inserts took, nothing but the clock: how often the machine itself is late. */
    private static OperationLatencies clock(long nanos) {
        OperationLatencies latencies = new OperationLatencies("nothing");
        long end = System.nanoTime() + nanos;
        long before = System.nanoTime();
        while (before < end) {
            long after = System.nanoTime();
            latencies.record(after - before);
            before = after;
        }
        return latencies;
    }

    private void compaction(long keys, boolean counts) throws JsonProcessingException {
        Path directory = DataDirectory.create();
        try (PenstockContender contender = new PenstockContender(directory, false)) {
            ContenderSession.load(contender, keys);
            try (ContenderSession session = contender.session()) {
                RandomWalk walk = new RandomWalk(keys);
                for (long i = 0; i < keys / 2; i++) {
                    long n = walk.next();
                    session.put(Dataset.high(n), Dataset.low(n), n + ContenderSession.LOADED);
                }
                OperationLatencies before = new OperationLatencies("get before a compaction");
                get(session, walk, before, keys);
                OperationLatencies beside = new OperationLatencies("get beside a compaction");
                CompletableFuture<CompactionReport> compaction = CompletableFuture.supplyAsync(contender::compact);
                while (!compaction.isDone()) {
                    get(session, walk, beside);
                }
                CompactionReport report = compaction.join();
                if (report.recordsMoved() == 0) {
                    throw new IllegalStateException("nothing was compacted: " + report);
                }
                OperationLatencies after = new OperationLatencies("get after a compaction");
                get(session, walk, after, keys);
                if (counts) {
                    print(before);
                    print(beside);
                    print(after);
                }
            }
        } finally {
            DataDirectory.delete(directory);
        }
    }

    private static void get(ContenderSession session, RandomWalk walk, OperationLatencies latencies, long count) {
        for (long i = 0; i < count; i++) {
            get(session, walk, latencies);
        }
    }

    private static void get(ContenderSession session, RandomWalk walk, OperationLatencies latencies) {
        long n = walk.next();
        long high = Dataset.high(n);
        long low = Dataset.low(n);
        long before = System.nanoTime();
        long seen = session.get(high, low);
        latencies.record(System.nanoTime() - before);
        if (seen != Dataset.signature(n + ContenderSession.LOADED)) {
            throw new IllegalStateException("key " + n + " is not what was put");
        }
    }
}
