package dev.penstock.bench.embedded;

import dev.penstock.bench.engine.Contender;
import dev.penstock.bench.engine.ContenderSession;
import dev.penstock.bench.engine.Dataset;
import dev.penstock.bench.engine.EngineKind;
import dev.penstock.bench.process.DataDirectory;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Opens a store that was closed cleanly, and reads one key. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class OpenBenchmark {

    @Param("penstock")
    public String engine;

    @Param("1000000")
    public long keys;

    private Path directory;

    @SuppressWarnings("NullAway.Init") // what is measured begins by opening it
    private Contender contender;

    @SuppressWarnings("NullAway.Init") // as the contender
    private ContenderSession session;

    @Setup(Level.Trial)
    public void load() {
        directory = DataDirectory.create();
        try (Contender loading = EngineKind.named(engine).open(directory, keys)) {
            ContenderSession.load(loading, keys);
        }
    }

    @Benchmark
    public long openAndGet() {
        contender = EngineKind.named(engine).open(directory, keys);
        session = contender.session();
        long n = keys / 2;
        long seen = session.get(Dataset.high(n), Dataset.low(n));
        if (seen != Dataset.signature(n + ContenderSession.LOADED)) {
            throw new IllegalStateException("key " + n + " did not survive the close");
        }
        return seen;
    }

    @TearDown(Level.Iteration)
    public void close() {
        session.close();
        contender.close();
    }

    @TearDown(Level.Trial)
    public void delete() {
        DataDirectory.delete(directory);
    }
}
