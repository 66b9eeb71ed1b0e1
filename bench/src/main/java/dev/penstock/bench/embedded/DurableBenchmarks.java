package dev.penstock.bench.embedded;

import dev.penstock.bench.embedded.LoadedStore.Client;
import dev.penstock.bench.engine.ContenderSession;
import dev.penstock.bench.engine.Dataset;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.ThreadParams;

/** Puts new keys into a store that begins empty; each is on the device when its put returns. */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class DurableBenchmarks {

    @Benchmark
    public void put(Client client, FreshKeys keys) {
        long n = keys.next();
        client.session().put(Dataset.high(n), Dataset.low(n), n + ContenderSession.LOADED);
    }

    /** Key numbers that no other thread has. */
    @State(Scope.Thread)
    public static class FreshKeys {

        private int threads;
        private long next;

        @Setup(Level.Trial)
        public void begin(ThreadParams thread) {
            threads = thread.getThreadCount();
            next = thread.getThreadIndex();
        }

        long next() {
            long n = next;
            next += threads;
            return n;
        }
    }
}
