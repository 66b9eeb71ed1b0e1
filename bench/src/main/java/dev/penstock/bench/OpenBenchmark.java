package dev.penstock.bench;

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
    private Contender contender;
    private Session session;

    @Setup(Level.Trial)
    public void load() {
        directory = DataDirectory.create();
        try (Contender loading = Engine.named(engine).open(directory, keys)) {
            Session.load(loading, keys);
        }
    }

    @Benchmark
    public long openAndGet() {
        contender = Engine.named(engine).open(directory, keys);
        session = contender.session();
        long n = keys / 2;
        long seen = session.get(Keys.high(n), Keys.low(n));
        if (seen != Keys.signature(n + Session.LOADED)) {
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
