package dev.penstock.bench.embedded;

import dev.penstock.bench.engine.Dataset;
import dev.penstock.bench.process.DataDirectory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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

/**
 * What the memory itself allows a store whose index and records lie apart: one read at a random place in an index, and
 * one at the place in a mapped file that the index names. No hashing, no comparing, no safety: no such store can be
 * faster. {@code independent} lets the processor overlap one pair with the next, {@code serial} does not: where to read
 * next depends on what was read.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class FloorBenchmarks {

    /** Header, key, framed value: what one record of the workload takes in a log. */
    private static final long RECORD_STRIDE = 160;

    private static final long STEP = 0x9E3779B97F4A7C15L;

    @Param("1000000")
    public long keys;

    private Path directory;
    private Arena arena;
    private MemorySegment index;
    private MemorySegment records;
    private long slotMask;

    @Setup(Level.Trial)
    public void fill() throws IOException {
        directory = DataDirectory.create();
        arena = Arena.ofShared();
        long slots = Long.highestOneBit(keys) << 1;
        slotMask = slots - 1;
        index = arena.allocate(ValueLayout.JAVA_LONG, slots);
        records = mapRecords();
        for (long n = 0; n < keys; n++) {
            records.set(ValueLayout.JAVA_LONG, n * RECORD_STRIDE, Dataset.high(n));
        }
        for (long slot = 0; slot < slots; slot++) {
            long record = Math.unsignedMultiplyHigh(Dataset.low(slot), keys);
            index.setAtIndex(ValueLayout.JAVA_LONG, slot, record * RECORD_STRIDE);
        }
    }

    private MemorySegment mapRecords() throws IOException {
        try (FileChannel file = FileChannel.open(
                directory.resolve("records"),
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
            return file.map(FileChannel.MapMode.READ_WRITE, 0, keys * RECORD_STRIDE, arena);
        }
    }

    @TearDown(Level.Trial)
    public void delete() {
        arena.close();
        DataDirectory.delete(directory);
    }

    @Benchmark
    public long independent(FloorPlace place) {
        place.state += STEP;
        return read(Dataset.mix(place.state));
    }

    @Benchmark
    public long serial(FloorPlace place) {
        place.state += STEP;
        place.seen = read(Dataset.mix(place.state ^ place.seen));
        return place.seen;
    }

    private long read(long random) {
        long position = index.getAtIndex(ValueLayout.JAVA_LONG, random & slotMask);
        return records.get(ValueLayout.JAVA_LONG, position);
    }

    /** Where one thread is. */
    @State(Scope.Thread)
    public static class FloorPlace {
        private long state = Dataset.mix(Thread.currentThread().threadId());
        private long seen;
    }
}
