package dev.penstock.store.threat.kill;

import dev.penstock.store.ProgressListener;
import dev.penstock.store.Store;
import dev.penstock.store.StoreAccess;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.WriteBatch;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;

/**
 * The child process of {@link FollowedKillTest}: one writer that puts, removes, batches, and tells of each change after
 * it has returned, while others compact and write checkpoints without a pause.
 */
final class FollowedWriter {

    static final int KEYS = 60;
    /** These are written in one batch, always, and have numbers from here on. */
    static final int BATCH_KEYS = 3;
    /** Keys below are never removed. */
    static final int LASTING_KEYS = 30;

    private static final StoreOptions OPTIONS = StoreOptions.defaults().withSegmentSize(1 << 20);
    private static final int HEADER_LENGTH = Integer.BYTES + Long.BYTES;

    private static volatile boolean done;

    private FollowedWriter() {}

    static byte[] key(int number) {
        return ("key" + number).getBytes(StandardCharsets.UTF_8);
    }

    /** The value that a key has at a count: both, and then bytes that follow from them. */
    static byte[] value(int key, long count) {
        Random random = new Random(key * 1_000_003L + count);
        boolean isBatched = key >= KEYS;
        int length = !isBatched && random.nextInt(25) == 0 ? 350_000 : random.nextInt(6_000);
        byte[] value = new byte[HEADER_LENGTH + length];
        random.nextBytes(value);
        ByteBuffer.wrap(value).putInt(0, key).putLong(Integer.BYTES, count);
        return value;
    }

    static long count(byte[] value) {
        return ByteBuffer.wrap(value).getLong(Integer.BYTES);
    }

    /** Arguments: the directory, the seed, the first count, after how many changes to close, or -1. */
    public static void main(String[] args) throws Exception {
        Random random = new Random(Long.parseLong(args[1]));
        long first = Long.parseLong(args[2]);
        long changes = Long.parseLong(args[3]);
        try (Store store = Store.open(Path.of(args[0]), OPTIONS);
                DataOutputStream acknowledged =
                        new DataOutputStream(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out)))) {
            Thread compactor = background(() -> store.compact(ProgressListener.NONE));
            Thread checkpointer =
                    background(() -> StoreAccess.owner(store).checkpointer.write());
            for (long count = first; changes < 0 || count < first + changes; count++) {
                change(store, random, count, acknowledged);
            }
            done = true;
            compactor.join();
            checkpointer.join();
        }
    }

    private static void change(Store store, Random random, long count, DataOutputStream acknowledged) {
        int key = random.nextInt(KEYS + 10);
        if (key >= KEYS) {
            WriteBatch batch = new WriteBatch();
            for (int i = 0; i < BATCH_KEYS; i++) {
                batch.put(key(KEYS + i), value(KEYS + i, count));
            }
            store.write(batch);
            key = KEYS;
        } else if (key >= LASTING_KEYS && random.nextInt(3) == 0) {
            store.remove(key(key));
        } else {
            store.put(key(key), value(key, count));
        }
        try {
            acknowledged.writeInt(key);
            acknowledged.writeLong(count);
            acknowledged.flush();
        } catch (IOException parentGone) {
            throw new UncheckedIOException(parentGone);
        }
    }

    private static Thread background(Runnable work) {
        Thread thread = new Thread(() -> {
            while (!done) {
                work.run();
            }
        });
        thread.setDaemon(true);
        thread.start();
        return thread;
    }
}
