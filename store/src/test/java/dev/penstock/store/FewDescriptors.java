package dev.penstock.store;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.penstock.store.check.StoreInspector;
import dev.penstock.store.check.StoreVerifier;
import dev.penstock.store.internal.format.Identity;
import dev.penstock.store.internal.io.SystemDisk;
import dev.penstock.store.internal.recovery.StoreCreation;
import dev.penstock.store.transfer.ValueFrame;
import java.io.ByteArrayOutputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A process that may open few files does everything with a store of many more large values. Prints "held" at the end.
 *
 * <p>Arguments: the directory, how many values, their length, the segment shift.
 */
final class FewDescriptors {

    private static final int VIEWS_AT_ONCE = 300;

    private final Path root;
    private final Path directory;
    private final int count;
    private final int length;
    /** Which version each key has; 0 if none. */
    private final int[] versions;

    private FewDescriptors(Path root, int count, int length) {
        this.root = root;
        this.directory = root.resolve("store");
        this.count = count;
        this.length = length;
        this.versions = new int[count];
    }

    public static void main(String[] args) throws Exception {
        // A class that is loaded from a directory needs a descriptor; so does what logging needs.
        loadAllClasses();
        System.getLogger("dev.penstock.store").log(System.Logger.Level.INFO, "begun");
        FewDescriptors few = new FewDescriptors(Path.of(args[0]), Integer.parseInt(args[1]), Integer.parseInt(args[2]));
        Files.createDirectories(few.directory);
        new StoreCreation(new SystemDisk().openDirectory(few.directory))
                .create(new Identity(new UUID(8, 9), Integer.parseInt(args[3])));
        few.run();
        System.out.println("held");
    }

    /** All of the store; where it is a jar, that is open anyway. */
    private static void loadAllClasses() throws Exception {
        Path classes = Path.of(
                Store.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        if (!Files.isDirectory(classes)) {
            return;
        }
        try (Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".class"))
                    .filter(path -> !path.endsWith("package-info.class") && !path.endsWith("module-info.class"))
                    .toList()) {
                String name = classes.relativize(file).toString().replace('/', '.');
                Class.forName(
                        name.substring(0, name.length() - ".class".length()), false, Store.class.getClassLoader());
            }
        }
    }

    /** Each step in a method of its own: a variable keeps a store that is closed, and all that it holds, in memory. */
    private void run() throws Exception {
        writeAndRead();
        check(StoreVerifier.verify(directory, ProgressListener.NONE).isSound(), "verify");
        check(StoreInspector.inspect(directory, ProgressListener.NONE) != null, "inspect");
        followAndBackUp();
        checkAllOf(root.resolve("backup"));
        closeWithoutAnyDescriptor();
        checkAllOf(directory);
    }

    private void writeAndRead() throws IOException {
        try (Store store = Store.open(directory)) {
            write(store, 0, count, 1);
            checkAll(store);
            withoutAnyDescriptor(store);
            manyViews(store);
        }
    }

    private void followAndBackUp() throws IOException {
        try (Store store = Store.open(directory)) {
            checkAll(store);
            writeBesideAFollower(store);
            store.backup(root.resolve("backup"), ProgressListener.NONE);
            store.compact(ProgressListener.NONE);
            checkAll(store);
        }
    }

    private void writeBesideAFollower(Store store) throws IOException {
        try (Store follower = Store.open(directory, StoreOptions.defaults().withReadOnly(true))) {
            checkAll(follower);
            writeBesideASnapshot(store);
            follower.refresh();
            checkAll(follower);
            checkAll(store);
        }
    }

    private void writeBesideASnapshot(Store store) {
        try (Snapshot snapshot = store.snapshot()) {
            int[] before = versions.clone();
            write(store, 0, count / 2, 2);
            for (int i = count / 2; i < count / 2 + count / 10; i++) {
                store.remove(key(i));
                versions[i] = 0;
            }
            store.sync();
            for (int i = 0; i < count; i += 7) {
                try (ValueView view = snapshot.get(key(i))) {
                    check(Arrays.equals(view.toByteArray(), value(i, before[i])), "snapshot " + i);
                }
            }
        }
    }

    private void checkAllOf(Path place) throws IOException {
        try (Store store = Store.open(place)) {
            checkAll(store);
        }
    }

    /**
     * All was forced, so that nothing that a close must do needs a descriptor. The background gives no space back
     * before.
     */
    private void closeWithoutAnyDescriptor() throws IOException {
        AtomicInteger openings = new AtomicInteger();
        WatchedDisk disk = new WatchedDisk(new WatchedDisk.Watcher() {
            @Override
            public void before(WatchedDisk.Call call, Path path) {}

            @Override
            public void beforeOpening(Path path) {
                openings.incrementAndGet();
            }
        });
        Store store = Store.open(disk, directory, StoreOptions.defaults().withCompactionRate(0), new ManualThreads());
        write(store, 0, count / 2, 5);
        store.sync();
        int before = openings.get();
        long fileBytes = store.stats().fileBytes();
        check(openings.get() == before, openings.get() - before + " files opened for the statistics");
        List<InputStream> all = takeAllDescriptors();
        try {
            check(store.stats().fileBytes() == fileBytes, "statistics without a descriptor");
            store.close();
        } finally {
            for (InputStream one : all) {
                one.close();
            }
        }
    }

    private static List<InputStream> takeAllDescriptors() {
        List<InputStream> all = new ArrayList<>();
        try {
            for (; ; ) {
                all.add(new FileInputStream("/dev/null"));
            }
        } catch (IOException noneLeft) {
            return all;
        }
    }

    private void write(Store store, int from, int to, int version) {
        for (int i = from; i < to; i++) {
            store.put(key(i), value(i, version));
            versions[i] = version;
        }
    }

    private void checkAll(Store store) throws IOException {
        int present = 0;
        for (int i = 0; i < count; i++) {
            byte[] expected = versions[i] == 0 ? null : value(i, versions[i]);
            try (ValueView view = store.get(key(i))) {
                check((view == null) == (expected == null), "presence of " + i);
                if (view != null) {
                    present++;
                    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                    view.writeTo(Channels.newChannel(bytes));
                    check(Arrays.equals(bytes.toByteArray(), expected), "value " + i + " through its file");
                    check(Arrays.equals(view.toByteArray(), expected), "value " + i + " mapped");
                }
            }
        }
        int[] visited = new int[1];
        long cursor = 0;
        do {
            cursor = store.scan(cursor, 100, (key, view) -> {
                visited[0]++;
                check(view.length() == length, "length");
            });
        } while (cursor != 0);
        check(visited[0] >= present, visited[0] + " visited");
    }

    /** Nothing is lost by a lack of descriptors, and it is over when there are some. */
    private void withoutAnyDescriptor(Store store) throws IOException {
        List<Runnable> actions = List.of(
                store::sync,
                () -> store.put(bytes("small"), bytes("value")),
                () -> store.put(bytes("large"), new byte[length]),
                () -> store.compact(ProgressListener.NONE),
                () -> checkOne(store));
        actions.forEach(Runnable::run);
        attempt(() -> {
            throw new StoreIoException("ulimit -n", null);
        });
        store.put(key(0), value(0, 3));
        versions[0] = 3;
        List<InputStream> all = takeAllDescriptors();
        try {
            for (int i = 0; i < 3; i++) {
                actions.forEach(FewDescriptors::attempt);
            }
        } finally {
            for (InputStream one : all) {
                one.close();
            }
        }
        store.sync();
        store.put(bytes("large"), new byte[length]);
        store.remove(bytes("large"));
        store.remove(bytes("small"));
        store.sync();
        checkAll(store);
    }

    private static void attempt(Runnable action) {
        try {
            action.run();
        } catch (StoreFailedException failed) {
            throw failed;
        } catch (StoreException refused) {
            check(String.valueOf(refused.getMessage()).contains("ulimit -n"), refused.toString());
        }
    }

    private void checkOne(Store store) {
        byte[] read = store.getBytes(key(count / 2));
        check(Arrays.equals(read, value(count / 2, versions[count / 2])), "a value without descriptors");
    }

    /** More views at once than there are descriptors, of values that are overwritten meanwhile. */
    private void manyViews(Store store) {
        List<ValueView> views = new ArrayList<>();
        for (int i = 0; i < VIEWS_AT_ONCE; i++) {
            views.add(store.get(key(i)));
        }
        int[] before = versions.clone();
        write(store, 0, VIEWS_AT_ONCE, 4);
        store.sync();
        for (int i = VIEWS_AT_ONCE; i < count; i++) {
            check(store.getBytes(key(i)).length == length, "length of " + i);
        }
        for (int i = 0; i < VIEWS_AT_ONCE; i++) {
            try (ValueView view = views.get(i)) {
                check(Arrays.equals(view.toByteArray(), value(i, before[i])), "view of overwritten value " + i);
                ByteBuffer frame = ByteBuffer.allocate(length + 32);
                ValueFrame.copy(view, 0, frame);
            }
        }
    }

    private static byte[] key(int number) {
        return bytes("key" + number);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(US_ASCII);
    }

    private byte[] value(int number, int version) {
        byte[] value = new byte[length];
        Arrays.fill(value, (byte) (number * 31 + version));
        ByteBuffer.wrap(value).putInt(number).putInt(version);
        ByteBuffer.wrap(value, length - 8, 8).putInt(number).putInt(version);
        return value;
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
