package dev.penstock.bench.embedded;

import dev.penstock.bench.engine.Contender;
import dev.penstock.bench.engine.ContenderSession;
import dev.penstock.bench.engine.EngineKind;
import dev.penstock.bench.engine.RandomWalk;
import dev.penstock.bench.process.DataDirectory;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * One engine's store with every key loaded, shared by all threads of a fork. JMH tears the shared state down when the
 * first thread ends, so the last one to let go closes the store: LMDB crashes when it is closed under a session.
 */
@State(Scope.Benchmark)
public class LoadedStore {

    @Param("penstock")
    public String engine;

    @Param("1000000")
    public long keys;

    /** Keys that a client asks for or writes at a time. */
    @Param("1")
    public int batch;

    /** Whether a put is to be on the device when it returns. */
    @Param("false")
    public boolean forced;

    private Path directory;
    private Contender contender;
    private final AtomicInteger users = new AtomicInteger();

    @Setup(Level.Trial)
    public void load() {
        users.set(1);
        directory = DataDirectory.create();
        EngineKind named = EngineKind.named(engine);
        contender = forced ? named.openForced(directory, keys) : named.open(directory, keys);
        ContenderSession.load(contender, keys);
    }

    @TearDown(Level.Trial)
    public void release() {
        if (users.decrementAndGet() == 0) {
            contender.close();
            DataDirectory.delete(directory);
        }
    }

    private ContenderSession connect() {
        users.incrementAndGet();
        return contender.session();
    }

    /** One thread at work on the store: its session and its own random walk over the keys. */
    @State(Scope.Thread)
    public static class Client {

        private ContenderSession session;
        private RandomWalk walk;
        private long[] batch;

        @Setup(Level.Trial)
        public void connect(LoadedStore store) {
            session = store.connect();
            walk = new RandomWalk(store.keys);
            batch = new long[store.batch];
        }

        @TearDown(Level.Trial)
        public void disconnect(LoadedStore store) {
            session.close();
            store.release();
        }

        ContenderSession session() {
            return session;
        }

        RandomWalk walk() {
            return walk;
        }

        /** The numbers of as many random keys as make a batch; the array is the same every time. */
        long[] nextBatch() {
            for (int i = 0; i < batch.length; i++) {
                batch[i] = walk.next();
            }
            return batch;
        }
    }
}
