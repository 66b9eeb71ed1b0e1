package dev.penstock.store.threat.power;

import dev.penstock.store.Durability;
import dev.penstock.store.Expiries;
import dev.penstock.store.ManualThreads;
import dev.penstock.store.NotAStoreException;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.RecoveryCheck;
import dev.penstock.store.Store;
import dev.penstock.store.StoreAccess;
import dev.penstock.store.StoreException;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.WatchedDisk;
import dev.penstock.store.WriteBatch;
import dev.penstock.store.internal.format.FileNames;
import dev.penstock.store.internal.format.Identity;
import dev.penstock.store.internal.io.DirectoryLock;
import dev.penstock.store.internal.io.Disk;
import dev.penstock.store.internal.io.DiskDirectory;
import dev.penstock.store.internal.recovery.BackupExchange;
import dev.penstock.store.internal.recovery.StoreCreation;
import dev.penstock.store.simulation.CrashImage;
import dev.penstock.store.simulation.PowerCut;
import dev.penstock.store.simulation.SimulatedDisk;
import dev.penstock.store.threat.power.PowerLossHistory.Entry;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

/**
 * One life of a store and of a directory that it is backed up or copied to, on a simulated disk, from a seed. Before
 * every call that changes the disk while the store is made, a backup is taken or its target is opened for writing, and
 * after each of these, the power is cut in many ways. Each time the store must have lost nothing that was acknowledged,
 * and the target must hold one of the backups that it may hold, whole. Sometimes the process is killed there, and the
 * next one continues, or the call fails.
 *
 * <p>From some of the cuts a store continues: it is backed up again, and nothing of that may be lost either.
 *
 * <p>One thread.
 */
final class BackupPowerLossWorkload implements AutoCloseable {

    private interface Step {
        void run() throws IOException;
    }

    /** What becomes of the target. */
    private enum Use {
        /** A mere backup, which the next one replaces. */
        BACKUP,
        /** A copy, which is nobody's backup. */
        COPY
    }

    private static final int SEGMENT_SHIFT = 17;
    private static final int OPERATION_COUNT = 8;
    /**
     * A process that dies does so within a few calls, while it finds out what is there, or within as many as a backup
     * makes.
     */
    private static final int FEW_CALLS = 10;

    private static final int MANY_CALLS = 70;
    private static final int STATES_BEFORE_FORCE = 12;
    private static final int STATES_BEFORE_OTHER_CALLS = 5;
    private static final int STATES_PER_AFTERLIFE = 60;
    private static final int STATES_PER_SOURCE = 6;
    /** No state of the source is in the target. */
    private static final int NOTHING = -1;

    private static final Path HOME = Path.of("/home");
    private static final Path OTHER = Path.of("/other");
    private static final Path SOURCE = HOME.resolve("data/store");
    private static final List<Path> TARGETS =
            List.of(HOME.resolve("backup"), HOME.resolve("data/far/away/backup"), OTHER.resolve("b/backup"), OTHER);
    private static final byte[][] KEYS = {{}, {1}, {2, 2}, {3, 3, 3}, {4, 4, 4, 4}};
    private static final int[] LENGTHS = {10, 3_000, 30_000, 33_000, 70_000};

    private final long seed;
    private final Random random;
    private final Arena arena = Arena.ofConfined();
    private final Identity identity;
    private final RecoveryCheck recovery;
    private final PowerLossHistory history = new PowerLossHistory(KEYS.length);
    private final StoreOptions options =
            StoreOptions.defaults().withDurability(Durability.ALWAYS).withVerifyOnRead(true);
    private final Path target;
    private final Use use;
    private SimulatedDisk disk;
    private Store store;
    /** What a process that died left; null while one lives. */
    private SimulatedDisk legacy;

    private String now = "creation";
    private int callsToDeath;
    /** Whether a call has failed, and the process lives on. */
    private boolean failed;

    private boolean looking = true;
    private int lookedFor;
    private long states;

    /** States of the source that the target may hold. */
    private final Set<Integer> held = new HashSet<>(Set.of(NOTHING));
    /** What somebody who opened the target for writing stored in it; null while nobody did. */
    private Entry own;

    private boolean ownIsDurable;
    /** Whether the target may have been opened for writing, and whether it certainly was. */
    private boolean mayBeOpened;

    private boolean isOpened;

    BackupPowerLossWorkload(long seed) {
        this.seed = seed;
        this.random = new Random(seed);
        this.identity = new Identity(new UUID(random.nextLong(), random.nextLong()), SEGMENT_SHIFT);
        this.recovery = new RecoveryCheck(SOURCE, identity, KEYS);
        this.target = TARGETS.get(random.nextInt(TARGETS.size()));
        this.use = random.nextInt(4) == 0 ? Use.COPY : Use.BACKUP;
        this.disk = new SimulatedDisk(arena, HOME);
        disk.mount(OTHER);
        if (random.nextBoolean()) {
            disk.mount(OTHER.resolve(FileNames.LOST_AND_FOUND));
        }
    }

    /** Runs it all; how many states were looked at. */
    long run() throws IOException {
        live("creation", this::open);
        write();
        for (int i = 0; i < OPERATION_COUNT && !isOpened; i++) {
            switch (random.nextInt(5)) {
                case 0 -> looking(false, () -> store.compact(ProgressListener.NONE));
                case 1 -> {
                    if (!mayBeOpened && !held.contains(NOTHING)) {
                        live("use of the target", this::useTarget);
                    }
                }
                default -> {
                    write();
                    if (!mayBeOpened) {
                        live("backup " + i, this::backup);
                    }
                }
            }
        }
        looking(false, () -> store.close());
        return states;
    }

    /** Does something; if a call fails or the process dies in it, it is done again, and that may end like this too. */
    private void live(String what, Step step) throws IOException {
        for (int attempt = 1; ; attempt++) {
            now = what + ", attempt " + attempt;
            callsToDeath =
                    random.nextInt(2) == 0 ? 1 + random.nextInt(random.nextBoolean() ? FEW_CALLS : MANY_CALLS) : 0;
            failed = false;
            boolean done = false;
            try {
                step.run();
                done = true;
            } catch (StoreException | IOException e) {
                if (legacy == null && !failed) {
                    throw failure("alive", "", e);
                }
            }
            callsToDeath = 0;
            if (legacy == null) {
                now = (done ? "after " : "after the failure of ") + what;
                examine(STATES_BEFORE_FORCE);
                if (done) {
                    return;
                }
                continue;
            }
            disown();
            disk = legacy;
            legacy = null;
            if (!what.equals("creation")) {
                now = "after the death in " + what;
                looking(false, this::open);
            }
            if (done) {
                return;
            }
        }
    }

    private void looking(boolean at, Step step) throws IOException {
        boolean before = looking;
        looking = at;
        try {
            step.run();
        } finally {
            looking = before;
        }
    }

    // --- steps ---

    private void open() throws IOException {
        store = null;
        Disk session = session();
        try (DiskDirectory directory = StoreCreation.openDirectory(session, SOURCE, true)) {
            StoreCreation creation = new StoreCreation(directory);
            if (!creation.exists()) {
                creation.create(identity);
            }
        }
        store = StoreAccess.open(session, SOURCE, options, new ManualThreads());
        if (legacy == null) {
            history.acknowledge();
            history.forced();
        }
    }

    private void write() throws IOException {
        looking(false, () -> {
            for (int left = 1 + random.nextInt(4); left > 0; left--) {
                int key = random.nextInt(KEYS.length);
                byte[] value = value();
                byte[] mark = ByteBuffer.allocate(Integer.BYTES)
                        .putInt(history.count())
                        .array();
                Entry[] entries = history.latest().clone();
                entries[key] = new Entry(value, Expiries.NO_EXPIRY);
                entries[KEYS.length] = new Entry(mark, Expiries.NO_EXPIRY);
                history.begin(entries);
                store.write(new WriteBatch().put(KEYS[key], value).mark(mark));
                history.acknowledge();
                history.forced();
            }
        });
    }

    private void backup() throws IOException {
        int state = history.acknowledged();
        if (use == Use.COPY && !held.contains(NOTHING)) {
            return;
        }
        held.add(state);
        if (use == Use.BACKUP) {
            store.backup(target, ProgressListener.NONE);
        } else if (!isCopied()) {
            return;
        }
        if (legacy == null) {
            held.retainAll(Set.of(state));
        }
    }

    /** False if an earlier copy is there, which was cut short after it counted. */
    private boolean isCopied() throws IOException {
        try {
            store.copyTo(target, ProgressListener.NONE);
            return true;
        } catch (NotAStoreException refused) {
            List<String> names = disk.openDirectory(target).list();
            if (!names.contains(Identity.FILE_NAME) && !names.contains(FileNames.BACKUP_COMPLETE)) {
                throw refused;
            }
            return false;
        }
    }

    private void useTarget() throws IOException {
        mayBeOpened = true;
        if (own == null) {
            own = new Entry(value(), Expiries.NO_EXPIRY);
        }
        try (Store opened = StoreAccess.open(session(), target, options, new ManualThreads())) {
            opened.put(KEYS[0], own.value().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
            if (legacy == null) {
                isOpened = true;
                ownIsDurable = true;
                now = "after a put to the target";
                examine(STATES_BEFORE_FORCE);
            }
        }
    }

    private byte[] value() {
        byte[] value = new byte[LENGTHS[random.nextInt(LENGTHS.length)]];
        random.nextBytes(value);
        return value;
    }

    private Disk session() {
        SimulatedDisk mine = disk;
        return new WatchedDisk(disk, (call, path) -> {
            if (legacy == null && mine == disk && looking) {
                beforeCall(call, path);
            }
            if (legacy != null || mine != disk) {
                throw new IOException("the process is dead");
            }
        });
    }

    private void disown() {
        if (store != null) {
            try {
                store.close();
            } catch (StoreException dead) {
                // It could not force what was left.
            }
            store = null;
        }
    }

    // --- cuts ---

    private void beforeCall(WatchedDisk.Call call, Path path) throws IOException {
        String before = now;
        now = before + ", before " + call + " of " + path;
        boolean force = call == WatchedDisk.Call.FORCE || call == WatchedDisk.Call.FORCE_DIRECTORY;
        examine(force ? STATES_BEFORE_FORCE : STATES_BEFORE_OTHER_CALLS);
        if (callsToDeath > 0 && --callsToDeath == 0) {
            // A store whose force failed takes no more writes, as other tests show.
            boolean mayFail = history.durable() == PowerLossHistory.NO_STORE || !path.startsWith(SOURCE);
            failed = random.nextInt(3) == 0 && mayFail;
            if (failed) {
                throw new IOException("Input/output error");
            }
            legacy = disk.copy(arena);
        }
        now = before;
    }

    private void examine(int wanted) {
        disk.capture();
        PowerCut cut = new PowerCut(disk, random);
        check(cut.nothingLost(), "killed");
        int count = cut.worthwhileCount(wanted);
        for (int state = 0; state < count; state++) {
            check(cut.state(state, count), "cut " + state + " of " + count);
            if (random.nextInt(STATES_PER_AFTERLIFE) == 0) {
                liveOn(cut.any());
            }
        }
        cut.restore();
    }

    private void check(CrashImage image, String how) {
        states++;
        try {
            checkTarget(image);
            if (lookedFor++ % STATES_PER_SOURCE == 0 || history.durable() == PowerLossHistory.NO_STORE) {
                checkSource(image);
            }
        } catch (IOException | RuntimeException | AssertionError e) {
            throw failure(how, image, e);
        }
    }

    private void checkSource(Disk left) throws IOException {
        Entry[] values;
        try {
            values = recovery.recover(left, false);
        } catch (NoSuchFileException absent) {
            values = null;
        }
        if (values != null) {
            history.find(values, history.durable(), 0);
        } else if (history.durable() != PowerLossHistory.NO_STORE) {
            throw new AssertionError("the store is gone");
        }
    }

    private void checkTarget(Disk left) throws IOException {
        DiskDirectory place;
        try {
            place = left.openDirectory(target);
        } catch (NoSuchFileException absent) {
            require(held.contains(NOTHING), "the target is gone");
            return;
        }
        List<String> names = place.list();
        if (!names.contains(Identity.FILE_NAME) && !names.contains(FileNames.BACKUP_COMPLETE)) {
            Set<String> others = new HashSet<>(names);
            others.removeAll(Set.of(FileNames.LOCK, FileNames.BACKUP_PARTIAL, FileNames.LOST_AND_FOUND, "b"));
            require(others.isEmpty(), "without a store there are " + others);
            require(held.contains(NOTHING), "the backup is gone");
            return;
        }
        Entry[] values = recovery.recover(BackupExchange.current(place), true, DirectoryLock.isOfThisBoot(place));
        require(values != null && isHeld(values), "the target holds none of the states " + held);
    }

    private boolean isHeld(Entry[] values) {
        if (own != null && values[0] != null && values[0].isLike(own)) {
            values[0] = null;
            return held.stream().anyMatch(state -> state != NOTHING && areLike(values, without(history.state(state))));
        }
        return !ownIsDurable
                && held.stream().anyMatch(state -> state != NOTHING && areLike(values, history.state(state)));
    }

    private static Entry[] without(Entry[] state) {
        Entry[] others = state.clone();
        others[0] = null;
        return others;
    }

    private static boolean areLike(Entry[] values, Entry[] state) {
        for (int key = 0; key < state.length; key++) {
            boolean same =
                    values[key] == null ? state[key] == null : state[key] != null && values[key].isLike(state[key]);
            if (!same) {
                return false;
            }
        }
        return true;
    }

    private static void require(boolean condition, String problem) {
        if (!condition) {
            throw new AssertionError(problem);
        }
    }

    /** The next process opens the store, backs it up again, and what it says is on the device is there. */
    private void liveOn(CrashImage image) {
        String files = image.toString();
        try (Arena afterlife = Arena.ofConfined()) {
            SimulatedDisk left = image.toDisk(afterlife);
            if (history.durable() == PowerLossHistory.NO_STORE) {
                return;
            }
            Entry[] wanted = backUpAgain(left);
            left.capture();
            PowerCut cut = new PowerCut(left, random);
            CrashImage device = cut.state(1, 2);
            if (wanted != null) {
                Entry[] found = recovery.recover(BackupExchange.current(device.openDirectory(target)), true, false);
                require(areLike(found, wanted), "the next backup is not on the device");
            } else {
                checkTarget(device);
            }
            checkSource(device);
        } catch (IOException | RuntimeException | AssertionError e) {
            throw failure("living on with" + files, image, e);
        }
    }

    /** What the target has to hold from here on; null if it refused the backup, as it may. */
    private Entry[] backUpAgain(SimulatedDisk left) throws IOException {
        Entry[] wanted = null;
        try (Store again = StoreAccess.open(left, SOURCE, options, new ManualThreads())) {
            Entry[] state = found(again);
            history.find(state, history.durable(), 0);
            try {
                if (use == Use.BACKUP) {
                    again.backup(target, ProgressListener.NONE);
                } else {
                    again.copyTo(target, ProgressListener.NONE);
                }
                require(!isOpened, "a backup has replaced what was opened for writing");
                require(use == Use.BACKUP || held.contains(NOTHING), "a copy has replaced a copy");
                wanted = state;
            } catch (NotAStoreException refused) {
                if (!mayBeOpened && (use == Use.BACKUP || held.equals(Set.of(NOTHING)))) {
                    throw refused;
                }
            }
            if (use == Use.COPY) {
                try {
                    again.backup(target, ProgressListener.NONE);
                    throw new AssertionError("a backup has replaced a copy");
                } catch (NotAStoreException expected) {
                    // It is a separate store.
                }
            }
        }
        return wanted;
    }

    private static Entry[] found(Store store) {
        Entry[] values = new Entry[KEYS.length + 1];
        byte[] mark = store.mark();
        values[KEYS.length] = mark.length == 0 ? null : new Entry(mark, Expiries.NO_EXPIRY);
        for (int key = 0; key < KEYS.length; key++) {
            byte[] value = store.getBytes(KEYS[key]);
            values[key] = value == null ? null : new Entry(value, Expiries.NO_EXPIRY);
        }
        return values;
    }

    private AssertionError failure(String how, Object left, Throwable cause) {
        return new AssertionError(
                "seed " + seed + ", " + now + ", " + how + ", left" + left + ": " + cause.getMessage(), cause);
    }

    @Override
    public void close() throws IOException {
        legacy = disk;
        disown();
        recovery.close();
        arena.close();
    }
}
