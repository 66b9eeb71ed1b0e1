package dev.penstock.bench.embedded;

import dev.penstock.bench.engine.Contender;
import dev.penstock.bench.engine.ContenderSession;
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

/** Fills a new store with every key, once an iteration; the keys come in an order that is random to the store. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.SECONDS)
public class LoadBenchmark {

    @Param("penstock")
    public String engine;

    @Param("1000000")
    public long keys;

    /** Puts that make a batch; 0 for single puts, however many of them the engine has in a transaction. */
    @Param("0")
    public int batch;

    private Path directory;
    private Contender contender;

    @Setup(Level.Iteration)
    public void open() {
        directory = DataDirectory.create();
        contender = EngineKind.named(engine).open(directory, keys);
    }

    @Benchmark
    public void load() {
        if (batch == 0) {
            ContenderSession.load(contender, keys);
        } else {
            ContenderSession.load(contender, keys, batch);
        }
    }

    @TearDown(Level.Iteration)
    public void delete() {
        DiskProfiler.report(contender.diskBytes());
        contender.close();
        DataDirectory.delete(directory);
    }
}
