package dev.penstock.store.internal.snapshot;

import dev.penstock.store.BackupReport;
import dev.penstock.store.NotAStoreException;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.internal.format.Checkpoint;
import dev.penstock.store.internal.format.FileNames;
import dev.penstock.store.internal.format.Identity;
import dev.penstock.store.internal.segment.LargeSegment;
import dev.penstock.store.internal.segment.RecordSource;
import dev.penstock.store.internal.segment.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Writes a point in time to another directory, which is then a store like any other.
 *
 * <p>Sealed segments and large values never change, so the backup shares them with the store by hard links where both are on
 * one file system, and with the backup that was there before; otherwise they are copied in the kernel. The segment that is
 * appended to is always copied, up to the point in time.
 *
 * <p>The new backup is made beside the old one and takes its place when it is complete and durable; one that is cut short
 * leaves the old one as it was. A directory that somebody has opened to write to is never replaced: it may be the store
 * itself, or hold what nobody else has.
 *
 * <p>One thread.
 */
public final class Backup {

    private static final String PARTIAL_SUFFIX = ".partial";
    private static final String OLD_SUFFIX = ".old";
    private static final long PIECE_LENGTH = 1L << 30;
    private static final long COMPARED_LENGTH = 4096;

    private final Path source;
    private final Identity identity;
    private final PointInTime point;
    private final long lastSequence;
    private final Path target;
    private final Path partial;
    private final Path old;
    private final ProgressListener listener;

    private long total;
    private long done;
    private long copied;
    private int fileCount;

    /**
     * @param source the store's directory
     * @param lastSequence of the newest record below the point in time, or a later one
     * @param target the backup's directory; missing, empty, or an older backup of the same store
     */
    public Backup(
            Path source,
            Identity identity,
            PointInTime point,
            long lastSequence,
            Path target,
            ProgressListener listener) {
        this.source = source;
        this.identity = identity;
        this.point = point;
        this.lastSequence = lastSequence;
        this.target = target.toAbsolutePath().normalize();
        this.partial = this.target.resolveSibling("." + this.target.getFileName() + PARTIAL_SUFFIX);
        this.old = this.target.resolveSibling("." + this.target.getFileName() + OLD_SUFFIX);
        this.listener = listener;
    }

    /** Runs once. All below the point in time has been forced before. */
    public BackupReport run() throws IOException {
        finishExchange();
        checkTarget();
        deleteTree(partial);
        Files.createDirectory(
                partial, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        List<Segment> log = point.segments().logSegments().stream()
                .filter(segment -> point.segments().position(segment.number(), 0) < point.position())
                .toList();
        total = log.stream().mapToLong(point::end).sum()
                + point.segments().largeSegments().stream()
                        .mapToLong(LargeSegment::fileLength)
                        .sum();
        for (Segment segment : log) {
            if (segment == log.getLast()) {
                copy(segment, point.end(segment));
            } else {
                share(segment, point.end(segment));
            }
            progress(point.end(segment));
        }
        for (LargeSegment large : point.segments().largeSegments()) {
            share(large, large.fileLength());
            progress(large.fileLength());
        }
        write(Identity.FILE_NAME, identity.encode());
        write(Checkpoint.FILE_NAME, new Checkpoint(identity.storeId(), point.position(), lastSequence, 0, 0).encode());
        force(partial);
        exchange();
        return new BackupReport(fileCount, total, copied);
    }

    private void progress(long bytes) {
        fileCount++;
        done += bytes;
        listener.progress(done, total);
    }

    // --- what is there ---

    private void checkTarget() throws IOException {
        if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new NotAStoreException(target + " is not a directory");
        }
        if (Files.exists(target.resolve(FileNames.LOCK), LinkOption.NOFOLLOW_LINKS)) {
            throw new NotAStoreException(
                    target
                            + " has been opened for writing and is no mere backup any more; give another directory, or move it away");
        }
        Path identityFile = target.resolve(Identity.FILE_NAME);
        if (Files.exists(identityFile)) {
            byte[] bytes = Files.readAllBytes(identityFile);
            if (Identity.examine(bytes) == Identity.Verdict.SOUND
                    && Identity.decode(bytes).storeId().equals(identity.storeId())) {
                return;
            }
            throw new NotAStoreException(target + " is another store, not a backup of " + source);
        }
        try (Stream<Path> files = Files.list(target)) {
            if (files.findAny().isPresent()) {
                throw new NotAStoreException(target + " is not empty and is no backup of " + source);
            }
        }
    }

    // --- files ---

    private void share(RecordSource file, long length) throws IOException {
        Path link = partial.resolve(file.name());
        Path before = target.resolve(file.name());
        if (Files.exists(before) && Files.size(before) >= length && isLinked(file, length, link, before)) {
            return;
        }
        if (isLinked(file, length, link, source.resolve(file.name()))) {
            try (FileChannel channel = FileChannel.open(link, StandardOpenOption.READ)) {
                channel.force(true);
            }
            return;
        }
        copy(file, length);
    }

    /**
     * False where the file is gone meanwhile, or lies on another file system, or may not be linked to, or is another one: a
     * number may be given again when what had it is gone.
     */
    private static boolean isLinked(RecordSource file, long length, Path link, Path existing) throws IOException {
        try {
            Files.createLink(link, existing);
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
        if (isSame(file, length, link)) {
            return true;
        }
        Files.delete(link);
        return false;
    }

    /** Compares both ends: in the records there are sequences and checksums, by which no two are alike. */
    private static boolean isSame(RecordSource file, long length, Path link) throws IOException {
        try (FileChannel channel = FileChannel.open(link, StandardOpenOption.READ)) {
            return isSame(file, 0, length, channel)
                    && isSame(file, Math.max(0, length - COMPARED_LENGTH), length, channel);
        }
    }

    private static boolean isSame(RecordSource file, long offset, long end, FileChannel link) throws IOException {
        ByteBuffer expected = ByteBuffer.allocate((int) Math.min(COMPARED_LENGTH, end - offset));
        ByteBuffer found = ByteBuffer.allocate(expected.capacity());
        file.file().read(expected, offset);
        while (found.hasRemaining() && link.read(found, offset + found.position()) >= 0) {
            // until it is full or the file ends
        }
        return expected.flip().equals(found.flip());
    }

    private void copy(RecordSource file, long length) throws IOException {
        try (FileChannel channel = create(file.name())) {
            for (long at = 0; at < length; ) {
                long count = file.file().transferTo(at, Math.min(PIECE_LENGTH, length - at), channel);
                if (count <= 0) {
                    throw new IOException(file.name() + " ends at " + at + ", before " + length);
                }
                at += count;
            }
            channel.force(true);
        }
        copied += length;
    }

    private void write(String name, byte[] content) throws IOException {
        try (FileChannel channel = create(name)) {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }

    private FileChannel create(String name) throws IOException {
        return FileChannel.open(
                partial.resolve(name),
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    // --- the exchange ---

    private void exchange() throws IOException {
        if (Files.exists(target)) {
            Files.move(target, old);
        }
        Files.move(partial, target);
        force(target.getParent());
        deleteTree(old);
    }

    /** An exchange that was cut short between its two steps left no backup under its name. */
    private void finishExchange() throws IOException {
        if (Files.exists(old)) {
            if (Files.exists(target)) {
                deleteTree(old);
            } else {
                Files.move(old, target);
            }
        }
    }

    private static void force(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static void deleteTree(Path directory) throws IOException {
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        List<Path> files = new ArrayList<>();
        try (Stream<Path> entries = Files.list(directory)) {
            entries.forEach(files::add);
        }
        for (Path file : files) {
            if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
                throw new FileAlreadyExistsException(file + " is in the way");
            }
            Files.delete(file);
        }
        Files.delete(directory);
    }
}
