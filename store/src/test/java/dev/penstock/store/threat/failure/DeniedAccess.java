package dev.penstock.store.threat.failure;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.penstock.store.Durability;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.ValueView;
import dev.penstock.store.ValueWriter;
import dev.penstock.store.WriteOptions;
import dev.penstock.store.check.StoreInspector;
import dev.penstock.store.check.StoreVerifier;
import dev.penstock.store.transfer.SplicePipe;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.Arrays;

/** The child process of {@link SecondProcessTest} that may make no system calls: it does a little of everything. */
final class DeniedAccess {

    private DeniedAccess() {}

    public static void main(String[] arguments) throws IOException {
        Path directory = Path.of(arguments[0]);
        byte[] large = new byte[3 << 20];
        Arrays.fill(large, (byte) 7);
        StoreOptions options = StoreOptions.defaults().withSegmentSize(1 << 20);
        try (Store store = Store.open(directory, options)) {
            for (int i = 0; i < 3_000; i++) {
                store.put(key(i), new byte[1_000]);
            }
            store.put(key(-1), large, WriteOptions.defaults().durability(Durability.ALWAYS));
            try (ValueWriter writer = store.putStream(key(-2))) {
                writer.write(ByteBuffer.wrap(large));
                writer.commit();
            }
            for (int i = 0; i < 3_000; i += 2) {
                store.remove(key(i));
            }
            store.compact(ProgressListener.NONE);
            store.sync();
            check(store, large);
            try (Store follower = Store.open(directory, options.withReadOnly(true))) {
                store.put(key(-3), large);
                follower.refresh();
                check(follower, large);
                require(Arrays.equals(large, follower.getBytes(key(-3))), "the follower is behind");
            }
            store.backup(directory.resolveSibling("backup"), ProgressListener.NONE);
            require(SplicePipe.open() == null, "a pipe without native access");
        }
        require(StoreVerifier.verify(directory, ProgressListener.NONE).isSound(), "verify");
        require(StoreInspector.inspect(directory, ProgressListener.NONE).keyCount() == 1_503, "inspect");
        try (Store again = Store.open(directory, options)) {
            check(again, large);
            again.put(key(-4), large);
        }
        try (Store backup = Store.open(directory.resolveSibling("backup"), options)) {
            check(backup, large);
        }
        System.out.println("done");
    }

    private static void check(Store store, byte[] large) throws IOException {
        require(store.getBytes(key(0)) == null, "a removed key is there");
        require(store.getBytes(key(1)).length == 1_000, "a small value");
        for (int i = -1; i >= -2; i--) {
            try (ValueView view = store.get(key(i))) {
                ByteArrayOutputStream stream = new ByteArrayOutputStream();
                view.writeTo(Channels.newChannel(stream));
                require(Arrays.equals(large, stream.toByteArray()), "a large value that is sent");
                require(Arrays.equals(large, view.toByteArray()), "a large value that is copied");
            }
        }
    }

    private static void require(boolean condition, String what) {
        if (!condition) {
            throw new IllegalStateException(what);
        }
    }

    private static byte[] key(int number) {
        return ("key" + number).getBytes(US_ASCII);
    }
}
