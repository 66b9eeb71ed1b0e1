package dev.penstock.tools.lmdb;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.tools.load.BadEntryException;
import dev.penstock.tools.load.EntryReader;
import dev.penstock.tools.load.IncomingValue;
import dev.penstock.tools.load.LoadTarget;
import dev.penstock.tools.load.Omissions;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The entries of one database of an LMDB environment, as of one moment, from a process that reads it: {@link LmdbDump}.
 * One thread.
 */
public final class LmdbSource extends EntryReader {

    private static final String DATA = "data.mdb";
    private static final int MAGIC_OFFSET = 16;
    private static final int MAGIC = 0xbeefc0de;
    private static final int MAX_KEY_LENGTH = 64 << 10;
    private static final int PATIENCE_SECONDS = 30;
    private static final int FIRST_SIGNAL = 128;

    private final Process process;
    private final Path errors;
    private final DataInputStream in;
    private final LoadTarget target;
    private final Omissions omissions;
    private final byte[] piece = new byte[64 << 10];
    private long total = -1;
    private long count;

    private LmdbSource(Process process, Path errors, LoadTarget target, Omissions omissions) {
        this.process = process;
        this.errors = errors;
        this.in = new DataInputStream(new BufferedInputStream(process.getInputStream(), 64 << 10));
        this.target = target;
        this.omissions = omissions;
    }

    /** Whether a path is an LMDB environment, by its file's name or by the first bytes of the file. */
    public static boolean isEnvironment(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            return Files.isRegularFile(path.resolve(DATA));
        }
        return Files.isRegularFile(path) && (path.toString().endsWith(".mdb") || hasMagic(path));
    }

    private static boolean hasMagic(Path file) throws IOException {
        ByteBuffer magic = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        try (FileChannel channel = FileChannel.open(file)) {
            return channel.read(magic, MAGIC_OFFSET) == Integer.BYTES && magic.getInt(0) == MAGIC;
        }
    }

    /**
     * Starts the process that reads an environment.
     *
     * @param path the environment's directory or file
     * @param database the name of the database; null for the main one
     * @throws IOException if the file is none of LMDB
     */
    public static LmdbSource open(Path path, @Nullable String database, LoadTarget target, Omissions omissions)
            throws IOException {
        Path data = Files.isDirectory(path) ? path.resolve(DATA) : path;
        if (!hasMagic(data)) {
            throw new IOException(data + ": is no file of LMDB");
        }
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=/dev/null",
                "-XX:+DisplayVMOutputToStderr",
                "-Xlog:disable",
                "-Xlog:all=warning:stderr",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                LmdbDump.class.getName(),
                path.toString()));
        if (database != null) {
            command.add(database);
        }
        Path errors = Files.createTempFile("penstock-lmdb-", null);
        try {
            Process process = new ProcessBuilder(command)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectError(errors.toFile())
                    .start();
            return new LmdbSource(process, errors, target, omissions);
        } catch (IOException e) {
            Files.deleteIfExists(errors);
            throw e;
        }
    }

    /** How many entries the database has; -1 before the first was read. */
    public long total() {
        return total;
    }

    /** How many entries were read or left out. */
    public long count() {
        return count;
    }

    @Override
    public boolean next() throws IOException, BadEntryException {
        dropValue();
        try {
            while (true) {
                int kind = in.readUnsignedByte();
                switch (kind) {
                    case LmdbDump.TOTAL -> total = in.readLong();
                    case LmdbDump.OMISSION -> {
                        String reason = in.readUTF();
                        omissions.add(reason, readKey());
                        count++;
                    }
                    case LmdbDump.ENTRY -> {
                        readEntry();
                        return true;
                    }
                    case LmdbDump.END -> {
                        return false;
                    }
                    // The JVM writes of its crash to standard output.
                    default -> throw new EOFException();
                }
            }
        } catch (EOFException e) {
            throw ended(e);
        }
    }

    private byte[] readKey() throws IOException {
        int length = in.readInt();
        if (length < 0 || length > MAX_KEY_LENGTH) {
            throw new IOException("the process that reads LMDB wrote a key of " + length + " bytes");
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return bytes;
    }

    private void readEntry() throws IOException {
        key = readKey();
        count++;
        IncomingValue incoming = new IncomingValue(target);
        value = incoming;
        incoming.key(key);
        for (long left = in.readLong(); left > 0; ) {
            int length = (int) Math.min(left, piece.length);
            in.readFully(piece, 0, length);
            incoming.accept(piece, 0, length);
            left -= length;
        }
        if (in.readLong() != LmdbDump.ENTRY_END) {
            // What a crash wrote in place of the rest of the value.
            throw new EOFException();
        }
    }

    /** What the process says that ended too early. */
    private BadEntryException ended(EOFException cause) throws IOException {
        String place = "entry " + (count + 1);
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                return BadEntryException.last(place, "the process that reads LMDB does not end", cause);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return BadEntryException.last(place, "interrupted", e);
        }
        if (process.exitValue() >= FIRST_SIGNAL) {
            return BadEntryException.last(
                    place, "the file is damaged or cut short: LMDB's library crashed while it read it", cause);
        }
        String said = Files.readString(errors, UTF_8)
                .lines()
                .filter(line -> !line.startsWith("Picked up ") && !line.startsWith("WARNING: "))
                .findFirst()
                .orElse("no reason is known");
        return said.contains("NoClassDefFoundError") || said.contains("ClassNotFoundException")
                ? BadEntryException.last(place, "reading LMDB needs the library lmdbjava, which is not here", cause)
                : BadEntryException.last(place, "LMDB's library refuses: " + said, cause);
    }

    /** Drops the value that was not stored, and ends the process. */
    @Override
    public void close() throws IOException {
        try {
            dropValue();
        } finally {
            process.destroyForcibly();
            Files.deleteIfExists(errors);
        }
    }
}
