package dev.penstock.bench.scale;

import dev.penstock.bench.engine.Contender;
import dev.penstock.bench.engine.ContenderSession;
import dev.penstock.bench.engine.Dataset;
import dev.penstock.bench.engine.EngineKind;
import java.nio.file.Path;

/**
 * What {@link OpenRun} has child JVMs do. The class that is timed holds nothing but the engine and its store: no
 * framework is loaded between the first line of {@code main} and the first get.
 */
final class OpenChild {

    /** Does nothing: what the JVM itself takes to start and to answer. */
    static final String NOTHING = "nothing";

    /** Loads a new store and closes it. */
    static final String LOAD = "load";

    /** Opens a store, reads one key, says how many nanoseconds that took from the first line on, and closes it. */
    static final String FIRST_GET = "first-get";

    /** Opens a store, writes some keys once more, says so, and waits to be killed. */
    static final String WRITE_AND_WAIT = "write-and-wait";

    private OpenChild() {}

    /** Arguments: what to do; and unless that is nothing, engine, directory, keys of the store, keys to write. */
    public static void main(String[] args) throws InterruptedException {
        long start = System.nanoTime();
        if (args[0].equals(NOTHING)) {
            System.out.println(0);
            return;
        }
        EngineKind engine = EngineKind.named(args[1]);
        Path directory = Path.of(args[2]);
        long keys = Long.parseLong(args[3]);
        try (Contender contender = engine.open(directory, keys)) {
            switch (args[0]) {
                case FIRST_GET -> {
                    get(contender, keys / 2);
                    System.out.println(System.nanoTime() - start);
                }
                case LOAD -> ContenderSession.load(contender, keys);
                case WRITE_AND_WAIT -> {
                    ContenderSession.load(contender, Long.parseLong(args[4]));
                    System.out.println("written");
                    Thread.sleep(Long.MAX_VALUE);
                }
                default -> throw new IllegalArgumentException(args[0]);
            }
        }
    }

    private static void get(Contender contender, long n) {
        try (ContenderSession session = contender.session()) {
            if (session.get(Dataset.high(n), Dataset.low(n)) != Dataset.signature(n + ContenderSession.LOADED)) {
                throw new IllegalStateException("key " + n + " is not what was put");
            }
        }
    }
}
