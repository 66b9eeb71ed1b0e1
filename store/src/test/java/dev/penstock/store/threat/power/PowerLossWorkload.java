package dev.penstock.store.threat.power;

import dev.penstock.store.Durability;
import dev.penstock.store.Expiries;
import dev.penstock.store.ManualThreads;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.RecoveryCheck;
import dev.penstock.store.Store;
import dev.penstock.store.StoreAccess;
import dev.penstock.store.StoreException;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.StoreProbe;
import dev.penstock.store.ValueWriter;
import dev.penstock.store.WatchedDisk;
import dev.penstock.store.WriteBatch;
import dev.penstock.store.WriteOptions;
import dev.penstock.store.check.DiskVerifier;
import dev.penstock.store.check.VerifyReport;
import dev.penstock.store.internal.compaction.CompactionStep;
import dev.penstock.store.internal.format.Identity;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.io.DirectoryLock;
import dev.penstock.store.internal.recovery.StoreCreation;
import dev.penstock.store.simulation.CrashImage;
import dev.penstock.store.simulation.PowerCut;
import dev.penstock.store.simulation.SimulatedDisk;
import dev.penstock.store.threat.power.PowerLossHistory.Entry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

/**
 * One life of a store on a simulated disk, from a seed. Before every call that changes the disk and after every
 * operation the power is cut in many ways; each time the store's own recovery must find an exact prefix of the history,
 * with all in it that was acknowledged as durable. The process is killed there too: then all that was acknowledged is
 * found. Where stores into memory are probed, it is killed before every one of them.
 *
 * <p>Some of the cuts are lived with: the store continues from what one left, and is cut again.
 *
 * <p>One thread, the store's agents included: a seed means the same each time.
 */
final class PowerLossWorkload implements AutoCloseable {

    /** Something that can happen to the store, and how often it does. */
    private record Operation(String name, int weight, Step step) {

        interface Step {
            void run(PowerLossWorkload workload) throws Exception;
        }
    }

    private static final List<Operation> OPERATIONS = List.of(
            new Operation("put", 30, PowerLossWorkload::put),
            new Operation("put always", 3, PowerLossWorkload::putAlways),
            new Operation("stream", 2, PowerLossWorkload::stream),
            new Operation("put expiring", 5, PowerLossWorkload::putExpiring),
            new Operation("expire", 2, PowerLossWorkload::expire),
            new Operation("time passes", 3, PowerLossWorkload::passTime),
            new Operation("sweep", 2, PowerLossWorkload::sweep),
            new Operation("batch", 6, PowerLossWorkload::writeBatch),
            new Operation("set a mark", 6, PowerLossWorkload::writeMarkedBatch),
            new Operation("remove", 8, PowerLossWorkload::remove),
            new Operation("clear", 1, PowerLossWorkload::clear),
            new Operation("replace all", 1, PowerLossWorkload::replaceAll),
            new Operation("sync", 3, PowerLossWorkload::sync),
            new Operation("compact", 6, PowerLossWorkload::compact),
            new Operation("slice", 12, PowerLossWorkload::slice),
            new Operation("background", 8, PowerLossWorkload::background),
            new Operation("reopen", 2, PowerLossWorkload::reopen),
            new Operation("kill", 3, PowerLossWorkload::kill),
            new Operation("cut", 2, PowerLossWorkload::cut));

    private record Lost(int key, Entry entry) {}

    private static final int SEGMENT_SHIFT = 17;
    private static final int PAGE_LENGTH = 4096;
    private static final int OPERATION_COUNT = 50;
    private static final int MAX_CALLS_TO_DEATH = 14;
    private static final int STATES_BEFORE_FORCE = 24;
    private static final int STATES_BEFORE_OTHER_CALLS = 8;
    private static final int STATES_AFTER_OPERATION = 6;
    private static final int STATES_PER_AFTERLIFE = 400;
    private static final int STATES_PER_VERIFICATION = 8;
    /** Few, so that records of one length often come in each other's place; the last two are of large values. */
    private static final int[] LENGTHS = {0, 10, 500, 500, 3_000, 4_048, 9_000, 9_000, 20_000, 33_000, 70_000};

    private static final byte[][] KEYS = keys();
    private static final int HOT_KEYS = 5;

    private final long seed;
    private final Path root;
    private final Random random;
    /** Apart, so that a life goes the same way whatever its writes are cut into. */
    private final Random writes;

    private final Arena arena = Arena.ofConfined();
    private final Identity identity;
    private final RecoveryCheck recovery;
    private final PowerLossHistory history = new PowerLossHistory(KEYS.length);
    private final Deque<Lost> lost = new ArrayDeque<>();
    private final StoreOptions options;
    private final List<Operation> operations;
    private final int totalWeight;
    private final int[] lengths;
    private final int keyCount;
    private final int calmness;
    private SimulatedDisk disk;
    private ManualThreads threads;
    private Store store;
    private String now = "creation";
    /** What a process that died left; null while one lives. */
    private SimulatedDisk legacy;

    private boolean diedOfPowerCut;
    private int callsToDeath;
    private long nowMillis = 1_000_000;
    /** The highest sequence that any client can have seen. */
    private long handedOut;

    private long states;
    private int statesToAfterlife;

    /**
     * @param root a directory that is there, for locks; no other file is made in it
     * @param only names of the operations to draw from, each as often; empty for any
     */
    PowerLossWorkload(long seed, Path root, Set<String> only) {
        this.seed = seed;
        this.root = root;
        this.random = new Random(seed);
        this.writes = new Random(seed);
        this.statesToAfterlife = random.nextInt(STATES_PER_AFTERLIFE);
        this.identity = new Identity(new UUID(random.nextLong(), random.nextLong()), SEGMENT_SHIFT);
        this.recovery = new RecoveryCheck(root, identity, KEYS);
        Durability durability = switch (random.nextInt(4)) {
            case 0 -> Durability.ALWAYS;
            case 1 -> Durability.interval(Duration.ofMinutes(1));
            default -> Durability.NONE;
        };
        // Lives differ: one that does a few things over and over comes to places where one that does everything never
        // is.
        this.operations = OPERATIONS.stream()
                .filter(operation -> only.isEmpty() ? isDone(operation.name()) : only.contains(operation.name()))
                .map(operation -> only.isEmpty() ? operation : new Operation(operation.name(), 1, operation.step()))
                .toList();
        this.totalWeight = operations.stream().mapToInt(Operation::weight).sum();
        this.lengths = random.ints(1 + random.nextInt(5), 0, LENGTHS.length)
                .map(index -> LENGTHS[index])
                .toArray();
        this.keyCount = 2 + random.nextInt(KEYS.length - 1);
        this.calmness = 2 + random.nextInt(12);
        this.options = StoreOptions.defaults()
                .withDurability(durability)
                .withVerifyOnRead(true)
                .withClock(() -> Instant.ofEpochMilli(nowMillis));
        this.disk = new SimulatedDisk(arena, root);
    }

    private static byte[][] keys() {
        int[] lengths = {0, 1, 2, 7, 8, 20, 300, 5_000, 10, 11, 12, 13, 14, 15, 16, 17};
        byte[][] keys = new byte[lengths.length][];
        for (int i = 0; i < lengths.length; i++) {
            keys[i] = new byte[lengths[i]];
            new Random(i).nextBytes(keys[i]);
        }
        return keys;
    }

    /** By the seed and the name alone, so that a further operation leaves every other life as it was. */
    private boolean isDone(String operation) {
        return operation.equals("put") || new Random(seed ^ (long) operation.hashCode() << 32).nextBoolean();
    }

    /** Runs it all; how many states were looked at. */
    long run() throws Exception {
        StoreProbe.set(this::killBeforeStore);
        live(PowerLossWorkload::open);
        for (int i = 0; i < OPERATION_COUNT; i++) {
            Operation operation = draw();
            now = "operation " + i + ", " + operation.name();
            live(operation.step());
            now = "after operation " + i + ", " + operation.name();
            examine(STATES_AFTER_OPERATION);
        }
        now = "close";
        store.close();
        forced();
        examine(STATES_AFTER_OPERATION);
        return states;
    }

    /** Does something; if the process dies in it, another takes over, which may die too. */
    private void live(Operation.Step step) throws Exception {
        callsToDeath = random.nextInt(calmness) == 0 ? 1 + random.nextInt(MAX_CALLS_TO_DEATH) : 0;
        try {
            step.run(this);
        } catch (StoreException | IOException e) {
            if (legacy == null) {
                throw failure("alive", "", e);
            }
        }
        callsToDeath = 0;
        if (legacy != null) {
            takeOver();
            live(PowerLossWorkload::open);
            if (random.nextBoolean()) {
                live(PowerLossWorkload::repeatLost);
            }
        }
    }

    private Operation draw() {
        int lot = random.nextInt(totalWeight);
        int number = 0;
        while (lot >= operations.get(number).weight()) {
            lot -= operations.get(number++).weight();
        }
        return operations.get(number);
    }

    // --- operations ---

    private void put() {
        put(anyKey(), anyValue());
    }

    private void put(int key, byte[] value) {
        history.begin(key, new Entry(value, Expiries.NO_EXPIRY));
        store.put(KEYS[key], value);
        written();
    }

    /** A client does again what was lost: then new records come in the place of the old ones, and are like them. */
    private void repeatLost() {
        for (Lost again = lost.poll(); again != null; again = lost.poll()) {
            history.begin(again.key(), again.entry());
            store.put(
                    KEYS[again.key()],
                    again.entry().value().toArray(ValueLayout.JAVA_BYTE),
                    Expiries.expiring(again.entry().expiryMillis()));
            written();
            examine(STATES_AFTER_OPERATION);
        }
    }

    private void putAlways() {
        int key = anyKey();
        byte[] value = anyValue();
        history.begin(key, new Entry(value, Expiries.NO_EXPIRY));
        store.put(KEYS[key], value, WriteOptions.defaults().durability(Durability.ALWAYS));
        acknowledge();
        forced();
    }

    private void putExpiring() {
        int key = anyKey();
        byte[] value = anyValue();
        long expiryMillis = anyExpiry();
        history.begin(key, new Entry(value, expiryMillis));
        store.put(KEYS[key], value, Expiries.expiring(expiryMillis));
        written();
    }

    private void expire() {
        int key = anyKey();
        long expiryMillis = random.nextInt(4) == 0 ? Expiries.NO_EXPIRY : anyExpiry();
        Entry current = history.latest()[key];
        if (current != null
                && current.isThere(nowMillis)
                && (expiryMillis | current.expiryMillis()) != Expiries.NO_EXPIRY) {
            history.begin(key, new Entry(current.value(), expiryMillis));
        }
        if (Expiries.expire(store, KEYS[key], expiryMillis)) {
            written();
        }
    }

    private void passTime() {
        nowMillis += 1 + random.nextInt(1_000);
    }

    private void sweep() {
        StoreAccess.sweepExpired(store);
    }

    private void writeBatch() {
        WriteBatch batch = new WriteBatch();
        Entry[] entries = history.latest().clone();
        for (int left = 1 + random.nextInt(4); left > 0; left--) {
            int key = anyKey();
            if (random.nextInt(3) == 0) {
                batch.remove(KEYS[key]);
                entries[key] = null;
            } else {
                byte[] value = anyValue();
                batch.put(KEYS[key], value);
                entries[key] = new Entry(value, Expiries.NO_EXPIRY);
            }
        }
        history.begin(entries);
        store.write(batch);
        written();
    }

    private void writeMarkedBatch() {
        WriteBatch batch = new WriteBatch();
        Entry[] entries = history.latest().clone();
        for (int left = random.nextInt(3); left > 0; left--) {
            int key = anyKey();
            byte[] value = anyValue();
            batch.put(KEYS[key], value);
            entries[key] = new Entry(value, Expiries.NO_EXPIRY);
        }
        byte[] mark = value(1 + random.nextInt(RecordLayout.MAX_MARK_LENGTH));
        entries[KEYS.length] = new Entry(mark, Expiries.NO_EXPIRY);
        history.begin(entries);
        store.write(batch.mark(mark));
        written();
    }

    private void stream() throws IOException {
        int key = anyKey();
        byte[] value = value(30_000 + random.nextInt(120_000));
        boolean committed = random.nextInt(3) > 0;
        try (ValueWriter writer =
                random.nextBoolean() ? store.putStream(KEYS[key]) : store.putStream(KEYS[key], value.length)) {
            writer.write(ByteBuffer.wrap(value));
            if (committed) {
                history.begin(key, new Entry(value, Expiries.NO_EXPIRY));
                writer.commit();
                written();
            }
        }
    }

    private void remove() {
        int key = anyKey();
        history.begin(key, null);
        if (store.remove(KEYS[key])) {
            written();
        } else {
            acknowledge();
        }
    }

    private void clear() {
        history.beginClear();
        store.clear();
        written();
    }

    private void replaceAll() {
        WriteBatch batch = new WriteBatch();
        Entry[] entries = history.latest().clone();
        Arrays.fill(entries, 0, KEYS.length, null);
        for (int left = 1 + random.nextInt(4); left > 0; left--) {
            int key = anyKey();
            byte[] value = anyValue();
            batch.put(KEYS[key], value);
            entries[key] = new Entry(value, Expiries.NO_EXPIRY);
        }
        history.begin(entries);
        store.replaceAll(batch);
        written();
    }

    /** Some keys are written often, so that the others stay where they are. */
    private int anyKey() {
        return random.nextInt(random.nextBoolean() ? Math.min(HOT_KEYS, keyCount) : keyCount);
    }

    private byte[] anyValue() {
        return value(lengths[random.nextInt(lengths.length)]);
    }

    private byte[] value(int length) {
        byte[] value = new byte[length];
        random.nextBytes(value);
        return value;
    }

    private long anyExpiry() {
        return nowMillis + 1 + random.nextInt(2_000);
    }

    private void written() {
        acknowledge();
        if (options.durability().equals(Durability.ALWAYS)) {
            forced();
        }
    }

    private void sync() {
        store.sync();
        forced();
    }

    private void compact() {
        store.compact(ProgressListener.NONE);
    }

    /** What the background's compaction does, to any segment: it depends on chance which is worth it. */
    private void slice() throws IOException {
        CompactionStep.slice(StoreAccess.owner(store).compaction.compactor(), random);
    }

    private void background() throws Exception {
        threads.work();
        if (options.durability().interval().isPositive()) {
            forced();
        }
    }

    private void reopen() throws IOException {
        store.close();
        forced();
        open();
    }

    private void kill() {
        die(false);
    }

    private void cut() {
        die(true);
    }

    // --- death ---

    /** Nothing that this process does counts from here on. */
    private void die(boolean powerCut) {
        disk.capture();
        if (powerCut) {
            PowerCut cut = new PowerCut(disk, random);
            legacy = cut.any().toDisk(arena);
            cut.restore();
        } else {
            legacy = disk.copy(arena);
        }
        diedOfPowerCut = powerCut;
    }

    /** Brings the history to what the dead left. */
    private void takeOver() throws IOException {
        disown();
        disk = legacy;
        legacy = null;
        PowerCut cut = new PowerCut(disk, random);
        Entry[] values = recovery.recover(cut.nothingLost(), isSameBoot());
        int oldest = diedOfPowerCut ? history.durable() : history.acknowledged();
        int found = values == null && oldest == PowerLossHistory.NO_STORE
                ? oldest
                : history.find(values, oldest, nowMillis);
        cut.restore();
        lost.clear();
        for (int state = found + 1; found >= 0 && state < history.count(); state++) {
            rememberLost(history.state(state - 1), history.state(state));
        }
        history.goOnFrom(found, diedOfPowerCut);
    }

    private void rememberLost(Entry[] before, Entry[] after) {
        for (int key = 0; key < KEYS.length; key++) {
            if (after[key] != null && !after[key].equals(before[key])) {
                lost.add(new Lost(key, after[key]));
            }
        }
    }

    // --- the process ---

    /** A new process opens the store, and makes it if there is none. */
    private void open() throws IOException {
        store = null;
        SimulatedDisk mine = disk;
        WatchedDisk session = new WatchedDisk(disk, new WatchedDisk.Watcher() {
            @Override
            public void before(WatchedDisk.Call call, Path path) throws IOException {
                if (legacy == null && mine == disk) {
                    beforeCall(call, path);
                }
                if (legacy != null || mine != disk) {
                    throw new IOException("the process is dead");
                }
            }

            @Override
            public int firstPart(long offset, int length) {
                return partWritten(offset, length);
            }

            @Override
            public void insideWrite(Path path) {
                killInsideWrite(path);
            }
        });
        StoreCreation creation = new StoreCreation(session.openDirectory(root));
        if (!creation.exists()) {
            creation.create(identity);
            acknowledge();
            forced();
        }
        threads = new ManualThreads();
        store = StoreAccess.open(session, root, options, threads);
        history.find(found(store), history.acknowledged(), nowMillis);
    }

    /** Has a dead process give back what it holds in this JVM. */
    private void disown() {
        StoreProbe.clear();
        if (store != null) {
            try {
                store.close();
            } catch (StoreException dead) {
                // It could not force what was left.
            }
            store = null;
        }
        StoreProbe.set(this::killBeforeStore);
    }

    /** The write that was under way has returned, unless the process died in it. */
    private void acknowledge() {
        if (legacy == null) {
            history.acknowledge();
            if (store != null) {
                handedOut = Math.max(handedOut, StoreAccess.owner(store).log.lastSequence());
            }
        }
    }

    /** All that has returned is on the device, or so the store says. */
    private void forced() {
        if (legacy == null) {
            history.forced();
        }
    }

    private static Entry[] found(Store store) {
        Entry[] values = new Entry[KEYS.length + 1];
        byte[] mark = store.mark();
        values[KEYS.length] = mark.length == 0 ? null : new Entry(mark, Expiries.NO_EXPIRY);
        for (int key = 0; key < KEYS.length; key++) {
            byte[] value = store.getBytes(KEYS[key]);
            values[key] = value == null ? null : new Entry(value, Expiries.expiryOf(store, KEYS[key]));
        }
        return values;
    }

    // --- cuts and kills ---

    private void beforeCall(WatchedDisk.Call call, Path path) {
        String before = now;
        now = before + ", before " + call + " of " + path.getFileName();
        examine(
                call == WatchedDisk.Call.FORCE || call == WatchedDisk.Call.FORCE_DIRECTORY
                        ? STATES_BEFORE_FORCE
                        : STATES_BEFORE_OTHER_CALLS);
        if (callsToDeath > 0 && --callsToDeath == 0) {
            die(random.nextBoolean());
        }
        now = before;
    }

    private void examine(int wanted) {
        disk.capture();
        PowerCut cut = new PowerCut(disk, random);
        check(cut.nothingLost(), isSameBoot(), history.acknowledged(), "killed");
        int count = cut.worthwhileCount(wanted);
        for (int state = 0; state < count; state++) {
            check(cut.state(state, count), false, history.durable(), "cut " + state + " of " + count);
        }
        if (statesToAfterlife <= 0) {
            statesToAfterlife = 1 + random.nextInt(2 * STATES_PER_AFTERLIFE);
            liveOn(cut.any());
        }
        cut.restore();
    }

    /** A write that is cut short by a kill has written whole pages. */
    private int partWritten(long offset, int length) {
        long firstEnd = (offset / PAGE_LENGTH + 1) * PAGE_LENGTH;
        long pages = Math.max(0, offset + length - firstEnd + PAGE_LENGTH - 1) / PAGE_LENGTH;
        return pages == 0 ? 0 : (int) (firstEnd - offset + (long) writes.nextInt((int) pages) * PAGE_LENGTH);
    }

    private void killInsideWrite(Path path) {
        String before = now;
        now = before + ", inside a write of " + path.getFileName();
        disk.capture();
        PowerCut cut = new PowerCut(disk, writes);
        find(cut.nothingLost(), isSameBoot(), history.acknowledged(), "killed");
        cut.restore();
        now = before;
    }

    private void killBeforeStore() {
        disk.capture();
        PowerCut cut = new PowerCut(disk, random);
        check(cut.nothingLost(), isSameBoot(), history.acknowledged(), "killed before a store");
        cut.restore();
    }

    private boolean isSameBoot() {
        try {
            return DirectoryLock.isOfThisBoot(disk.openDirectory(root));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void check(CrashImage image, boolean sameBoot, int oldest, String how) {
        states++;
        statesToAfterlife--;
        if (states % STATES_PER_VERIFICATION == 0) {
            verify(image, sameBoot, how);
        }
        find(image, sameBoot, oldest, how);
    }

    private void find(CrashImage image, boolean sameBoot, int oldest, String how) {
        try {
            Entry[] values = recovery.recover(image, sameBoot);
            if (values != null) {
                history.find(values, oldest, nowMillis);
                if (recovery.openingSequence() < handedOut) {
                    throw new AssertionError("the next versions would be those after " + recovery.openingSequence()
                            + ", and clients have seen " + handedOut);
                }
            } else if (oldest != PowerLossHistory.NO_STORE) {
                throw new AssertionError("the store is gone");
            }
        } catch (IOException | RuntimeException | AssertionError e) {
            throw failure(how, image, e);
        }
    }

    /**
     * Nothing here is damaged: whatever a power cut or a kill leaves is no corruption, for the tools as for the store.
     */
    private void verify(CrashImage image, boolean sameBoot, String how) {
        try {
            if (new StoreCreation(image.openDirectory(root)).exists()) {
                image.sameBoot(sameBoot);
                VerifyReport report = DiskVerifier.verify(image, root);
                if (!report.isSound()) {
                    throw new AssertionError("verify calls it damage: " + report.findings());
                }
            }
        } catch (IOException | RuntimeException | AssertionError e) {
            throw failure(how, image, e);
        }
    }

    /**
     * What is left must be a store like any other: it opens, is written to, is closed, and opens again. A reader that
     * comes before its next owner shows what that one finds, and follows it.
     */
    private void liveOn(CrashImage image) {
        String files = image.toString();
        try (Arena afterlife = Arena.ofConfined()) {
            SimulatedDisk left = image.toDisk(afterlife);
            StoreCreation creation = new StoreCreation(left.openDirectory(root));
            if (!creation.exists()) {
                creation.create(identity);
            }
            PowerLossHistory after = new PowerLossHistory(KEYS.length);
            after.acknowledge();
            try (Store reader = StoreAccess.open(left, root, options.withReadOnly(true), new ManualThreads());
                    Store again = StoreAccess.open(left, root, options, new ManualThreads())) {
                Entry[] state = history.state(history.find(found(again), history.durable(), nowMillis));
                after.begin(state);
                after.find(found(reader), after.count() - 1, nowMillis);
                reader.refresh();
                after.find(found(reader), after.count() - 1, nowMillis);
                for (int key = 1; key < KEYS.length; key += 2) {
                    byte[] value = value(500 * key);
                    after.begin(key, new Entry(value, Expiries.NO_EXPIRY));
                    again.put(KEYS[key], value);
                }
                reader.refresh();
                after.find(found(reader), after.count() - 1, nowMillis);
                again.compact(ProgressListener.NONE);
                reader.refresh();
                after.find(found(reader), after.count() - 1, nowMillis);
            }
            try (Store again = StoreAccess.open(left, root, options, new ManualThreads())) {
                after.find(found(again), after.count() - 1, nowMillis);
            }
        } catch (IOException | RuntimeException | AssertionError e) {
            throw failure("living on with" + files, image, e);
        }
    }

    private AssertionError failure(String how, Object left, Throwable cause) {
        return new AssertionError(
                "seed " + seed + ", " + now + ", " + how + ", left" + left + ": " + cause.getMessage(), cause);
    }

    @Override
    public void close() throws IOException {
        legacy = disk;
        disown();
        StoreProbe.clear();
        recovery.close();
        arena.close();
    }
}
