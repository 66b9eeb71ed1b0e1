package dev.penstock.tools.lmdb;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.lmdbjava.ByteBufferProxy;
import org.lmdbjava.Cursor;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.LmdbException;
import org.lmdbjava.Txn;

/**
 * Writes the entries of an LMDB environment to standard output, as {@link LmdbSource} reads them. It is a process of
 * its own: the native library trusts its files, and a damaged one can end the process. One thread.
 */
final class LmdbDump {

    /** Begins what is written for an entry: its key with its length, its value with its length. */
    static final int ENTRY = 'E';
    /** Ends what is written for an entry. */
    static final long ENTRY_END = 0x9e3779b97f4a7c15L;
    /** Begins something that is left out: a reason, and a key with its length. */
    static final int OMISSION = 'O';
    /** Begins the number of entries. */
    static final int TOTAL = 'T';
    /** Is written last. */
    static final int END = 'Z';

    /** How long the record is that a database's name has for its value in the main database. */
    private static final int DATABASE_RECORD_LENGTH = 48;

    private static final int MAX_DATABASES = 4096;
    private static final int PIECE_LENGTH = 64 << 10;

    private final DataOutputStream out;
    private final byte[] piece = new byte[PIECE_LENGTH];

    private LmdbDump(DataOutputStream out) {
        this.out = out;
    }

    /** Takes the path of the environment, and the name of a database or nothing for the main one. */
    public static void main(String[] arguments) throws IOException {
        try (DataOutputStream out = new DataOutputStream(
                new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), PIECE_LENGTH))) {
            byte[] name = arguments.length > 1 ? arguments[1].getBytes(UTF_8) : null;
            new LmdbDump(out).dump(Path.of(arguments[0]), name);
        } catch (LmdbException | UnsatisfiedLinkError e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }

    private void dump(Path path, byte @Nullable [] name) throws IOException {
        List<EnvFlags> flags = new ArrayList<>(List.of(EnvFlags.MDB_RDONLY_ENV));
        Path folder = path;
        if (!Files.isDirectory(path)) {
            flags.add(EnvFlags.MDB_NOSUBDIR);
            folder = path.toAbsolutePath().getParent();
        }
        if (folder != null && !Files.isWritable(folder)) {
            // Readers enter themselves in the file of the locks.
            flags.add(EnvFlags.MDB_NOLOCK);
        }
        try (Env<ByteBuffer> environment = Env.create(ByteBufferProxy.PROXY_SAFE)
                        .setMapSize(Files.size(Files.isDirectory(path) ? path.resolve("data.mdb") : path))
                        .setMaxDbs(MAX_DATABASES)
                        .open(path.toFile(), flags.toArray(EnvFlags[]::new));
                Txn<ByteBuffer> transaction = environment.txnRead()) {
            Dbi<ByteBuffer> database = environment.openDbi(transaction, name, null, false);
            if (database.listFlags(transaction).contains(DbiFlags.MDB_DUPSORT)) {
                throw new LmdbException("the database has several values for a key (MDB_DUPSORT), and a store has one");
            }
            out.writeByte(TOTAL);
            out.writeLong(database.stat(transaction).entries);
            try (Cursor<ByteBuffer> cursor = database.openCursor(transaction)) {
                for (boolean more = cursor.first(); more; more = cursor.next()) {
                    write(environment, transaction, cursor.key(), cursor.val(), name == null);
                }
            }
            out.writeByte(END);
        }
    }

    private void write(
            Env<ByteBuffer> environment, Txn<ByteBuffer> transaction, ByteBuffer key, ByteBuffer value, boolean main)
            throws IOException {
        byte[] bytes = new byte[key.remaining()];
        key.get(bytes);
        if (value.capacity() < 0) {
            omit("value of 2 GiB or more", bytes);
        } else if (main && value.remaining() == DATABASE_RECORD_LENGTH && isDatabase(environment, transaction, bytes)) {
            omit("named database", bytes);
        } else {
            out.writeByte(ENTRY);
            out.writeInt(bytes.length);
            out.write(bytes);
            out.writeLong(value.remaining());
            while (value.hasRemaining()) {
                int count = Math.min(value.remaining(), piece.length);
                value.get(piece, 0, count);
                out.write(piece, 0, count);
            }
            out.writeLong(ENTRY_END);
        }
    }

    private static boolean isDatabase(Env<ByteBuffer> environment, Txn<ByteBuffer> transaction, byte[] name) {
        for (byte each : name) {
            if (each == 0) {
                return false; // LMDB's names are strings of C
            }
        }
        try {
            environment.openDbi(transaction, name, null, false);
            return true;
        } catch (Dbi.IncompatibleException | Dbi.KeyNotFoundException e) {
            return false;
        }
    }

    private void omit(String reason, byte[] key) throws IOException {
        out.writeByte(OMISSION);
        out.writeUTF(reason);
        out.writeInt(key.length);
        out.write(key);
    }
}
