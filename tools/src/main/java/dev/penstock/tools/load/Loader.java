package dev.penstock.tools.load;

import dev.penstock.store.WriteOptions;
import dev.penstock.tools.console.Console;
import dev.penstock.tools.console.Failures;
import dev.penstock.tools.console.ProgressDisplay;
import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.process.ToolException;
import dev.penstock.tools.text.KeyText;
import dev.penstock.tools.text.RawFileNames;
import dev.penstock.tools.text.Size;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Puts entries into a store one after the other, counts them, and acknowledges each when its put has returned. What
 * cannot be taken ends the load, or is counted and left out if it is to keep going; an error of the store always ends
 * it. One thread.
 */
public final class Loader {

    private final LoadTarget target;
    private final @Nullable AckLog acks;
    private final ProgressDisplay progress;
    private final Console console;
    private final boolean keepGoing;
    private final long startNanos = System.nanoTime();
    private long entries;
    private long bytes;
    private long expired;
    private long skipped;
    private long rejected;

    /** @param acks null for none */
    public Loader(
            LoadTarget target, @Nullable AckLog acks, ProgressDisplay progress, Console console, boolean keepGoing) {
        this.target = target;
        this.acks = acks;
        this.progress = progress;
        this.console = console;
        this.keepGoing = keepGoing;
    }

    public void loadTree(Tree tree) throws IOException {
        for (Tree.Skip skip : tree.skips()) {
            console.complain("skipped " + RawFileNames.text(skip.path()) + ": " + skip.reason());
            skipped++;
        }
        for (Tree.Skip skip : tree.unreadable()) {
            reject(new ToolException(ExitCode.IO, RawFileNames.text(skip.path()) + ": " + skip.reason()));
        }
        long totalBytes = tree.totalBytes();
        for (Tree.Leaf leaf : tree.leaves()) {
            load(leaf);
            progress.progress(bytes, totalBytes);
        }
    }

    private void load(Tree.Leaf leaf) throws IOException {
        byte[] key = KeyText.utf8(leaf.key());
        long length;
        try (FileChannel file = Entries.openSource(leaf.file())) {
            length = Entries.put(target.store(), key, file, WriteOptions.defaults());
        } catch (IOException e) {
            reject(new ToolException(ExitCode.IO, Failures.describe(e), e));
            return;
        } catch (IllegalArgumentException e) {
            reject(new ToolException(ExitCode.NEGATIVE, leaf.file() + ": " + e.getMessage(), e));
            return;
        }
        acknowledge(key, length);
    }

    /**
     * Loads JSON Lines.
     *
     * @param name what to call the input in messages
     * @param totalBytes length of the input, -1 if it is not known
     */
    public void loadLines(String name, InputStream in, long totalBytes) throws IOException {
        try (JsonLines lines = new JsonLines(in, target)) {
            load(name, lines, () -> progress.progress(lines.bytesRead(), totalBytes));
        }
    }

    /** What to do after each entry, such as showing how far the load is. */
    @FunctionalInterface
    public interface Step {

        /** An entry was stored or rejected. */
        void done() throws IOException;
    }

    /**
     * Loads the entries of a source up to its end.
     *
     * @param name what to call the source in messages
     */
    public void load(String name, EntrySource source, Step step) throws IOException {
        boolean more = true;
        while (more) {
            try {
                more = source.next() && load(source);
            } catch (BadEntryException e) {
                ToolException problem = new ToolException(ExitCode.NEGATIVE, name + ", " + e.getMessage(), e);
                if (e.isLast()) {
                    throw stop(problem);
                }
                reject(problem);
            }
            step.done();
        }
    }

    private boolean load(EntrySource source) throws IOException, BadEntryException {
        long expiryMillis = source.expiryMillis();
        if (expiryMillis != EntrySource.NO_EXPIRY
                && expiryMillis <= target.clock().millis()) {
            // As if it had been stored in time: an older value of the key must not outlive it.
            target.remove(source.key());
            expired++;
            return true;
        }
        try {
            source.value().put(source.key(), options(expiryMillis));
        } catch (IllegalArgumentException e) {
            throw source.bad(e);
        }
        acknowledge(source.key(), source.value().length());
        return true;
    }

    private static WriteOptions options(long expiryMillis) {
        return expiryMillis == EntrySource.NO_EXPIRY
                ? WriteOptions.defaults()
                : WriteOptions.defaults().expiresAt(Instant.ofEpochMilli(expiryMillis));
    }

    /** Forces everything to the device. */
    public LoadReport finish() {
        target.sync();
        return new LoadReport(entries, bytes, expired, skipped, rejected, (System.nanoTime() - startNanos) / 1e9);
    }

    private void acknowledge(byte[] key, long length) throws IOException {
        entries++;
        bytes += length;
        if (acks != null) {
            acks.acknowledge(key);
        }
    }

    private void reject(ToolException problem) {
        if (!keepGoing) {
            throw stop(problem);
        }
        console.complain(problem.getMessage());
        rejected++;
    }

    private ToolException stop(ToolException problem) {
        return new ToolException(
                problem.exitCode(),
                problem.getMessage() + "; " + Size.count(entries, "entry was", "entries were") + " stored before",
                problem);
    }
}
