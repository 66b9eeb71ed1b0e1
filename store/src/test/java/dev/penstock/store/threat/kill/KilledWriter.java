package dev.penstock.store.threat.kill;

import dev.penstock.store.ProgressListener;
import dev.penstock.store.Store;
import dev.penstock.store.StoreAccess;
import dev.penstock.store.StoreOptions;
import java.io.DataOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;

/**
 * The child process of {@link SigkillTest}: writers that tell of each operation after it has returned, until they are
 * killed. What operation number n of a writer does follows from the seed, so the parent can work out what must be
 * there.
 */
final class KilledWriter {

    static final int WRITERS = 2;
    private static final int KEYS = 60;
    private static final StoreOptions OPTIONS = StoreOptions.defaults().withSegmentSize(1 << 20);

    private KilledWriter() {}

    /** One operation; a null value removes. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Operation(byte[] key, byte[] value) {

        static Operation of(long seed, int writer, int number) {
            Random random = new Random(seed * 31 + writer * 7_919L + number);
            byte[] key = ("w" + writer + "k" + random.nextInt(KEYS)).getBytes(java.nio.charset.StandardCharsets.UTF_8);
            if (random.nextInt(4) == 0) {
                return new Operation(key, null);
            }
            int length = random.nextInt(20) == 0 ? random.nextInt(400_000) : random.nextInt(3_000);
            byte[] value = new byte[length];
            random.nextBytes(value);
            return new Operation(key, value);
        }

        void applyTo(Store store) {
            if (value == null) {
                store.remove(key);
            } else {
                store.put(key, value);
            }
        }

        void applyTo(Map<ByteBuffer, byte[]> model) {
            if (value == null) {
                model.remove(ByteBuffer.wrap(key));
            } else {
                model.put(ByteBuffer.wrap(key), value);
            }
        }
    }

    /** Arguments: the directory, the seed. Prints the writer's number after each operation of its. */
    public static void main(String[] args) throws Exception {
        long seed = Long.parseLong(args[1]);
        try (Store store = Store.open(Path.of(args[0]), OPTIONS)) {
            DataOutputStream acknowledged = new DataOutputStream(new FileOutputStream(FileDescriptor.out));
            Thread[] writers = new Thread[WRITERS];
            for (int i = 0; i < WRITERS; i++) {
                int writer = i;
                writers[i] = new Thread(() -> write(store, seed, writer, acknowledged));
                writers[i].start();
            }
            Thread compactor = new Thread(() -> compact(store));
            compactor.setDaemon(true);
            compactor.start();
            Thread checkpointer = new Thread(() -> checkpoint(store));
            checkpointer.setDaemon(true);
            checkpointer.start();
            for (Thread writer : writers) {
                writer.join();
            }
        }
    }

    private static void write(Store store, long seed, int writer, DataOutputStream acknowledged) {
        try {
            for (int number = 0; ; number++) {
                Operation.of(seed, writer, number).applyTo(store);
                synchronized (acknowledged) {
                    acknowledged.writeByte(writer);
                }
            }
        } catch (IOException parentGone) {
            Thread.currentThread().interrupt();
        }
    }

    private static void checkpoint(Store store) {
        for (; ; ) {
            StoreAccess.owner(store).checkpointer.write();
        }
    }

    private static void compact(Store store) {
        for (; ; ) {
            store.compact(ProgressListener.NONE);
        }
    }
}
