package dev.penstock.server;

import dev.penstock.server.shard.Router;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemNanoClock;

/** A server over a real store in a given directory, on a separate port. */
public final class TestServer implements AutoCloseable {

    private static final Duration DEADLINE = Duration.ofSeconds(20);

    /** How many event loops servers have at least; the build runs tests with one and, of some, with two. */
    static final int LOOPS = Integer.getInteger("penstock.test.loops", 1);

    private final Store store;
    private final PenstockServer server;

    public TestServer(Path directory) throws IOException {
        this(directory, ServerOptions.defaults());
    }

    public TestServer(Path directory, ServerOptions options) throws IOException {
        store = Store.open(directory, StoreOptions.defaults().withSegmentSize(8L << 20));
        server = start(options, SystemNanoClock.INSTANCE);
    }

    public TestServer(Path directory, StoreOptions options) throws IOException {
        store = Store.open(directory, options);
        server = start(ServerOptions.defaults(), SystemNanoClock.INSTANCE);
    }

    /** @param clock what says which values have expired */
    public TestServer(Path directory, InstantSource clock) throws IOException {
        store = Store.open(
                directory, StoreOptions.defaults().withSegmentSize(8L << 20).withClock(clock));
        server = start(ServerOptions.defaults(), SystemNanoClock.INSTANCE);
    }

    /** @param clock what the server's time-outs go by */
    public TestServer(Path directory, ServerOptions options, NanoClock clock) throws IOException {
        store = Store.open(directory, StoreOptions.defaults().withSegmentSize(8L << 20));
        server = start(options, clock);
    }

    /** A node of a cluster. */
    TestServer(Path directory, Router router) throws IOException {
        store = Store.open(directory, StoreOptions.defaults().withSegmentSize(8L << 20));
        server = start(ServerOptions.defaults(), router, SystemNanoClock.INSTANCE);
    }

    private PenstockServer start(ServerOptions options, NanoClock clock) throws IOException {
        return start(options, Router.STANDALONE, clock);
    }

    private PenstockServer start(ServerOptions options, Router router, NanoClock clock) throws IOException {
        try {
            return PenstockServer.start(
                    store,
                    router,
                    null,
                    options.withPort(0).withEventLoops(Math.max(LOOPS, options.eventLoops())),
                    clock);
        } catch (IOException | RuntimeException e) {
            store.close();
            throw e;
        }
    }

    public RespClient client() throws IOException {
        return new RespClient(server.port());
    }

    public Store store() {
        return store;
    }

    public PenstockServer server() {
        return server;
    }

    public int port() {
        return server.port();
    }

    /** Has the server look at its clock. */
    public void wake() {
        server.wake();
    }

    /** Waits for something that has no signal of its own. The one place where tests poll. */
    public static void await(String what, Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + DEADLINE + ": " + what);
            }
            Thread.sleep(5);
        }
    }

    @Override
    public void close() {
        server.stop(Duration.ZERO);
        store.close();
    }
}
