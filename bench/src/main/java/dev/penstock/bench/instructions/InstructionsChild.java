package dev.penstock.bench.instructions;

import dev.penstock.bench.engine.Contender;
import dev.penstock.bench.engine.ContenderSession;
import dev.penstock.bench.engine.Dataset;
import dev.penstock.bench.engine.EngineKind;
import dev.penstock.bench.engine.PenstockContender;
import dev.penstock.bench.engine.RandomWalk;
import dev.penstock.store.Key;
import dev.penstock.store.Store;
import dev.penstock.store.transfer.StoreTransfer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The JVM whose instructions are counted: repeats one operation for ever, on one thread. Once its code is compiled it
 * prints the kernel's number of that thread and the address of the word that it counts iterations in.
 */
final class InstructionsChild {

    /** Keeps what was read from being dead code. */
    @SuppressWarnings("UnusedVariable")
    private static volatile long sink;

    private static final VarHandle WORD = ValueLayout.JAVA_LONG.varHandle();

    /** A constant, so that counting costs few instructions. */
    private static final MemorySegment COUNTER = Arena.global().allocate(ValueLayout.JAVA_LONG);

    /** So few that the loop is soon compiled as a method, and no call continues for long in code that is replaced. */
    private static final int ITERATIONS_PER_CALL = 256;

    /** More calls than the compiler waits for before it compiles a method for good. */
    private static final int LEAST_CALLS = 6000;

    private static final long QUIET_NANOS = 1_000_000_000L;
    private static final long MOST_WARM_UP_NANOS = 120_000_000_000L;

    /** Further arguments of the JVM: the loop stays a separately compiled method and is never inlined. */
    static final List<String> JVM_ARGUMENTS = List.of(
            "-XX:CompileCommand=quiet",
            "-XX:CompileCommand=dontinline," + InstructionsChild.class.getName() + "::repeat");

    /** One iteration; returns something that depends on all it has read. */
    @FunctionalInterface
    private interface Body {
        long once();
    }

    private InstructionsChild() {}

    /** @param args the operation, the folder of the loaded store, the number of its keys, the first new key, seconds */
    public static void main(String[] args) throws IOException {
        CountedOperation operation = CountedOperation.ofKey(args[0]);
        long keys = Long.parseLong(args[2]);
        Body body = body(operation, Path.of(args[1]), keys, Long.parseLong(args[3]));
        long seen = warmUp(body, (long) (Double.parseDouble(args[4]) * 1e9));
        String thread = Files.readSymbolicLink(Path.of("/proc/thread-self"))
                .getFileName()
                .toString();
        System.out.println(thread + " " + COUNTER.address());
        while (true) {
            seen ^= repeat(body);
            sink = seen;
        }
    }

    /** Until the time is over and the compiler has had nothing to do for a second. */
    private static long warmUp(Body body, long nanos) {
        CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
        long begin = System.nanoTime();
        long compiled = compiler.getTotalCompilationTime();
        long quietSince = begin;
        long seen = 0;
        for (int calls = 1; ; calls++) {
            seen ^= repeat(body);
            long now = System.nanoTime();
            long total = compiler.getTotalCompilationTime();
            if (total != compiled) {
                compiled = total;
                quietSince = now;
            }
            boolean longEnough = calls >= LEAST_CALLS && now - begin >= nanos && now - quietSince >= QUIET_NANOS;
            if (longEnough || now - begin >= MOST_WARM_UP_NANOS) {
                return seen;
            }
        }
    }

    private static long repeat(Body body) {
        long seen = 0;
        long count;
        do {
            seen ^= body.once();
            count = (long) WORD.getOpaque(COUNTER, 0L) + 1;
            WORD.setOpaque(COUNTER, 0L, count);
        } while (count % ITERATIONS_PER_CALL != 0);
        return seen;
    }

    private static Body body(CountedOperation operation, Path directory, long keys, long firstNewKey) {
        RandomWalk walk = new RandomWalk(keys);
        return switch (operation) {
            case EMPTY ->
                () -> {
                    long n = walk.next();
                    return Dataset.high(n) ^ Dataset.low(n);
                };
            case HASHMAP_GET -> get(EngineKind.HASHMAP, directory, keys, walk);
            case GET -> get(EngineKind.PENSTOCK, directory, keys, walk);
            case MISS -> {
                ContenderSession session = open(EngineKind.PENSTOCK, directory, keys);
                yield () -> {
                    long n = Long.MAX_VALUE - walk.next();
                    return expect(session.get(Dataset.high(n), Dataset.low(n)) == ContenderSession.ABSENT);
                };
            }
            case CONTAINS -> {
                Store store = new PenstockContender(directory, false).store();
                byte[] key = new byte[Dataset.KEY_LENGTH];
                yield () -> {
                    long n = walk.next();
                    Dataset.fillKey(key, Dataset.high(n), Dataset.low(n));
                    return expect(store.contains(key));
                };
            }
            case COPY_FRAME -> {
                StoreTransfer transfer = StoreTransfer.of(new PenstockContender(directory, false).store());
                byte[] key = new byte[Dataset.KEY_LENGTH];
                Key carrier = new Key();
                ByteBuffer target = ByteBuffer.allocateDirect(2 * Dataset.VALUE_LENGTH);
                yield () -> {
                    long n = walk.next();
                    Dataset.fillKey(key, Dataset.high(n), Dataset.low(n));
                    target.clear();
                    return expect(
                            transfer.copyFrame(carrier.set(key), target, target.capacity()) > Dataset.VALUE_LENGTH);
                };
            }
            case GET_16 -> {
                ContenderSession session = open(EngineKind.PENSTOCK, directory, keys);
                long[] numbers = new long[operation.batch()];
                yield () -> {
                    for (int i = 0; i < numbers.length; i++) {
                        numbers[i] = walk.next();
                    }
                    return session.getAll(numbers);
                };
            }
            case OVERWRITE -> {
                ContenderSession session = open(EngineKind.PENSTOCK, directory, keys);
                yield () -> {
                    long n = walk.next();
                    session.put(Dataset.high(n), Dataset.low(n), n + 2);
                    return n;
                };
            }
            case PUT_NEW -> {
                ContenderSession session = open(EngineKind.PENSTOCK, directory, keys);
                long[] next = {firstNewKey};
                yield () -> {
                    long n = next[0]++;
                    session.put(Dataset.high(n), Dataset.low(n), n + ContenderSession.LOADED);
                    return n;
                };
            }
        };
    }

    private static Body get(EngineKind engine, Path directory, long keys, RandomWalk walk) {
        ContenderSession session = open(engine, directory, keys);
        return () -> {
            long n = walk.next();
            long seen = session.get(Dataset.high(n), Dataset.low(n));
            expect(seen != ContenderSession.ABSENT);
            return seen;
        };
    }

    private static ContenderSession open(EngineKind engine, Path directory, long keys) {
        Contender contender = engine.open(directory, keys);
        if (!engine.isPersistent()) {
            ContenderSession.load(contender, keys);
        }
        return contender.session();
    }

    private static long expect(boolean condition) {
        if (!condition) {
            throw new IllegalStateException("an operation did not find what it should");
        }
        return 1;
    }
}
