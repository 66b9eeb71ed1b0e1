package dev.penstock.bench.engine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.DirectBufferProxy;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.Txn;

/**
 * LMDB through lmdbjava in its fastest dress: Agrona buffers, one key buffer per thread, and a writable map without
 * sync unless every commit is to be on the device, which LMDB does best by its defaults. What is left to choose is how
 * many operations share a transaction. A read transaction is reset and
 * renewed, never made anew; a reader sees what was committed when it was last renewed.
 */
final class LmdbContender implements Contender {

    /** Agrona's buffers and lmdbjava reach into the JDK. */
    static final List<String> JVM_ARGUMENTS = List.of(
            "--sun-misc-unsafe-memory-access=allow",
            "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
            "--add-opens=java.base/java.nio=ALL-UNNAMED",
            "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED");

    private static final EnvFlags[] UNFORCED = {EnvFlags.MDB_NOTLS, EnvFlags.MDB_NOSYNC, EnvFlags.MDB_WRITEMAP};
    private static final EnvFlags[] FORCED = {EnvFlags.MDB_NOTLS};

    private static final long BYTES_PER_KEY = 1024;
    private static final long SPARE_BYTES = 1L << 30;

    private final Env<DirectBuffer> env;
    private final Dbi<DirectBuffer> database;
    private final int operationsPerTransaction;

    /**
     * @param keys how many keys the map must have room for; it is a sparse file, so room costs nothing
     * @param operationsPerTransaction puts until a commit, gets until a renewal
     * @param forced whether a transaction that has been committed is on the device
     */
    LmdbContender(Path directory, long keys, int operationsPerTransaction, boolean forced) {
        this.operationsPerTransaction = operationsPerTransaction;
        env = Env.create(DirectBufferProxy.PROXY_DB)
                .setMapSize(keys * BYTES_PER_KEY + SPARE_BYTES)
                .setMaxDbs(1)
                .open(directory.toFile(), forced ? FORCED : UNFORCED);
        database = env.openDbi("values", DbiFlags.MDB_CREATE);
    }

    @Override
    public ContenderSession session() {
        return new LmdbSession(env, database, operationsPerTransaction);
    }

    /** Pages ever used; the file itself is sparse and as long as the map. */
    @Override
    public long diskBytes() {
        return (env.info().lastPageNumber + 1L) * env.stat().pageSize;
    }

    @Override
    public void close() {
        env.close();
    }

    private static final class LmdbSession implements ContenderSession {

        private final Env<DirectBuffer> env;
        private final Dbi<DirectBuffer> database;
        private final int operationsPerTransaction;
        private final MutableDirectBuffer key = direct(Dataset.KEY_LENGTH);
        private final MutableDirectBuffer value = direct(Dataset.VALUE_LENGTH);

        /** Begun by the first get: a reader that only waits would keep the writer from using freed pages again. */
        private @Nullable Txn<DirectBuffer> reading;

        private int gets;
        private @Nullable Txn<DirectBuffer> writing;
        private int puts;

        LmdbSession(Env<DirectBuffer> env, Dbi<DirectBuffer> database, int operationsPerTransaction) {
            this.env = env;
            this.database = database;
            this.operationsPerTransaction = operationsPerTransaction;
            value.putBytes(0, Dataset.blankValue());
        }

        private static MutableDirectBuffer direct(int length) {
            return new UnsafeBuffer(ByteBuffer.allocateDirect(length));
        }

        @Override
        public long get(long keyHigh, long keyLow) {
            Txn<DirectBuffer> transaction = reading;
            if (transaction == null) {
                transaction = env.txnRead();
                reading = transaction;
            } else if (gets == operationsPerTransaction) {
                renew(transaction);
            }
            gets++;
            fillKey(keyHigh, keyLow);
            DirectBuffer found = database.get(transaction, key);
            if (found == null) {
                return ABSENT;
            }
            return found.getLong(0, ByteOrder.LITTLE_ENDIAN)
                    ^ found.getLong(Dataset.LAST_WORD_OFFSET, ByteOrder.LITTLE_ENDIAN);
        }

        @Override
        public void put(long keyHigh, long keyLow, long stamp) {
            write(keyHigh, keyLow, stamp);
            puts++;
            if (puts == operationsPerTransaction) {
                commit();
            }
        }

        @Override
        public void putAll(long[] numbers, long stampOffset) {
            for (long n : numbers) {
                write(Dataset.high(n), Dataset.low(n), n + stampOffset);
            }
            commit();
        }

        private void write(long keyHigh, long keyLow, long stamp) {
            Txn<DirectBuffer> transaction = writing;
            if (transaction == null) {
                transaction = env.txnWrite();
                writing = transaction;
            }
            fillKey(keyHigh, keyLow);
            value.putLong(0, stamp, ByteOrder.LITTLE_ENDIAN);
            value.putLong(Dataset.LAST_WORD_OFFSET, Dataset.lastWord(stamp), ByteOrder.LITTLE_ENDIAN);
            database.put(transaction, key, value);
        }

        private void fillKey(long keyHigh, long keyLow) {
            key.putLong(0, keyHigh, ByteOrder.LITTLE_ENDIAN);
            key.putLong(Long.BYTES, keyLow, ByteOrder.LITTLE_ENDIAN);
        }

        private void renew(Txn<DirectBuffer> transaction) {
            transaction.reset();
            transaction.renew();
            gets = 0;
        }

        private void commit() {
            Txn<DirectBuffer> transaction = Objects.requireNonNull(writing);
            transaction.commit();
            transaction.close();
            writing = null;
            puts = 0;
        }

        @Override
        public void settle() {
            if (writing != null) {
                commit();
            }
            if (reading != null) {
                renew(reading);
            }
        }

        @Override
        public void close() {
            if (writing != null) {
                commit();
            }
            if (reading != null) {
                reading.close();
            }
        }
    }
}
