package dev.penstock.store.internal.io;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;

/**
 * A lock by the JDK alone, on one byte far behind the content.
 *
 * <p><b>A weaker promise than {@link NativeLock}'s.</b> On POSIX systems it is a record lock, which belongs to the
 * process and not to the open file: it ends as soon as this process closes <i>any</i> descriptor of the file. The owner
 * therefore never opens the file a second time; {@link LocksHere} answers for its content. Code in the process that is
 * not the store's, and that opens and closes the file, would end the lock. Nothing else stands for the lock, so another
 * process that removes the file can lock a new one of its name: {@link #checkPlace} notices that.
 *
 * <p>An interrupt would close the channel, so a thread that is never interrupted makes all calls on it.
 */
final class PortableLock implements DiskLock {

    private final PortableDirectory directory;
    private final String name;
    private final String key;
    private final FileChannel channel;
    private final Object fileKey;

    @GuardedBy("this")
    private boolean closed;

    PortableLock(PortableDirectory directory, String name, String key, FileChannel channel) throws IOException {
        this.directory = directory;
        this.name = name;
        this.key = key;
        this.channel = channel;
        this.fileKey = directory.fileKey(name);
        LocksHere.note(key, content());
    }

    @Override
    public byte[] content() throws IOException {
        byte[][] content = new byte[1][];
        Uninterrupted.run(() -> {
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(channel.size(), LocksHere.MAX_CONTENT_LENGTH));
            while (bytes.hasRemaining() && channel.read(bytes, bytes.position()) > 0) {
                // until the file ends
            }
            content[0] = java.util.Arrays.copyOf(bytes.array(), bytes.position());
        });
        return content[0];
    }

    @Override
    public void content(byte[] content) throws IOException {
        Uninterrupted.run(() -> {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                channel.write(bytes, bytes.position());
            }
            channel.truncate(content.length);
        });
        LocksHere.note(key, content);
    }

    @Override
    public void force() throws IOException {
        Uninterrupted.run(() -> channel.force(false));
    }

    @Override
    public void checkPlace() throws IOException {
        Object now;
        try {
            now = directory.fileKey(name);
        } catch (NoSuchFileException gone) {
            now = null;
        }
        if (!fileKey.equals(now)) {
            throw new DirectoryLostException(directory.path().resolve(name)
                    + " was removed or replaced while this process held it; another process may write to the directory"
                    + " by now");
        }
    }

    @Override
    public synchronized void close() throws IOException {
        if (!closed) {
            closed = true;
            try {
                channel.close();
            } finally {
                LocksHere.release(key);
            }
        }
    }
}
