package dev.penstock.bench.embedded;

import dev.penstock.bench.embedded.LoadedStore.Client;
import dev.penstock.bench.engine.ContenderSession;
import dev.penstock.bench.engine.Dataset;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/**
 * Several random keys at a time on a store that holds every key. An operation is a batch; the table divides by its
 * size.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class BatchBenchmarks {

    @Benchmark
    public long hit(Client client) {
        long[] numbers = client.nextBatch();
        long seen = client.session().getAll(numbers);
        long expected = 0;
        for (long n : numbers) {
            expected ^= Dataset.signature(n + ContenderSession.LOADED);
        }
        if (seen != expected) {
            throw new IllegalStateException("of " + numbers.length + " keys some are missing or have other values");
        }
        return seen;
    }

    @Benchmark
    public void overwrite(Client client) {
        client.session().putAll(client.nextBatch(), 2);
    }
}
