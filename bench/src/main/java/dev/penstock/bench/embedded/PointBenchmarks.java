package dev.penstock.bench.embedded;

import dev.penstock.bench.embedded.LoadedStore.Client;
import dev.penstock.bench.engine.ContenderSession;
import dev.penstock.bench.engine.Dataset;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/** One key at a time, uniformly at random, on a store that holds every key. */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class PointBenchmarks {

    @Benchmark
    public long hit(Client client) {
        long n = client.walk().next();
        long seen = client.session().get(Dataset.high(n), Dataset.low(n));
        if (seen == ContenderSession.ABSENT) {
            throw new IllegalStateException("key " + n + " is missing");
        }
        return seen;
    }

    /** Asks for keys that were never put: their numbers lie beyond those of the store. */
    @Benchmark
    public long miss(Client client) {
        long n = Long.MAX_VALUE - client.walk().next();
        long seen = client.session().get(Dataset.high(n), Dataset.low(n));
        if (seen != ContenderSession.ABSENT) {
            throw new IllegalStateException("key " + n + " was never put");
        }
        return seen;
    }

    @Benchmark
    public void overwrite(Client client) {
        long n = client.walk().next();
        client.session().put(Dataset.high(n), Dataset.low(n), n + 2);
    }

    /** A get or an overwrite, one as likely as the other. */
    @Benchmark
    public long mixed(Client client) {
        if (client.walk().coin()) {
            return hit(client);
        }
        overwrite(client);
        return 0;
    }
}
