package dev.penstock.tools.load;

import dev.penstock.store.Store;
import dev.penstock.store.StoreFullException;
import dev.penstock.tools.console.Console;
import dev.penstock.tools.console.Failures;
import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.process.ToolException;
import java.io.IOException;
import java.nio.file.Path;

/**
 * What an import has made of the directory of its store so far, and what becomes of that when it ends.
 *
 * <p>If the import made the store and fails, the store is removed again: {@link #withdraw} while it is open, and
 * {@link #giveUp} once it is closed. A store that was there before keeps what it has. An import that is killed leaves
 * an {@link ImportMark}, which the next one reports. One thread.
 */
public final class StartedImport {

    private final Path directory;
    private final String source;
    private final Console console;
    private final ImportMark mark;
    private final NewStore newStore;

    /** Whether the store is, or was, this import's: what another process made meanwhile is not removed. */
    private boolean opened;

    /**
     * Looks at the directory before the store is opened.
     *
     * @param directory of the store
     * @param source what the mark and messages call the source
     * @param console for what the user should know of this import and of earlier ones
     * @param storing whether it will store something; if so, this removes what is left of an import that was killed
     *     while it removed its store, and reports the imports that were killed
     * @throws IOException if the mark or the directory cannot be read
     */
    public StartedImport(Path directory, String source, Console console, boolean storing) throws IOException {
        this.directory = directory;
        this.source = source;
        this.console = console;
        this.mark = new ImportMark(directory);
        if (storing) {
            tidyUp();
            reportKilled();
        }
        this.newStore = new NewStore(directory);
    }

    private void tidyUp() throws IOException {
        if (mark.isDiscarding()) {
            new NewStore(directory).removeRemains();
        }
        if (!mark.sources().isEmpty() && !NewStore.isStore(directory)) {
            mark.clear();
        }
    }

    private void reportKilled() {
        for (String killed : mark.sources()) {
            console.complain(
                    killed.equals(source)
                            ? "an earlier import of " + killed
                                    + " was killed; it begins again, and replaces what it had stored"
                            : directory + " has only a part of " + killed + ", whose import was killed;"
                                    + " import that again to complete it");
        }
    }

    /** Notes that this import has opened the store, and has made it if there was none. */
    public void opened() {
        opened = true;
    }

    /**
     * Marks the store as one that has a part of the source, until this import ends.
     *
     * @param store open; this closes it if it fails
     * @throws ToolException if the mark cannot be written
     */
    public void mark(Store store) {
        try {
            if (!mark.begin(source)) {
                console.complain("no file can be made beside " + directory + ": if this import is killed, the next"
                        + " one cannot say that the store has only a part of " + source);
            }
        } catch (IOException e) {
            withdraw(e);
            store.close();
            throw new ToolException(ExitCode.IO, Failures.describe(e), e);
        }
    }

    /** Notes that the import has failed, while the store is open, which is when nobody else has it. */
    public void withdraw(Throwable cause) {
        if (opened) {
            try {
                newStore.withdraw();
            } catch (IOException e) {
                cause.addSuppressed(e);
            }
        }
    }

    /**
     * Ends an import that has failed, once the store is closed: removes the store if this import made it. Nothing that
     * fails here takes the place of the cause.
     */
    public void giveUp(Throwable cause) {
        if (!opened) {
            return;
        }
        try {
            if (newStore.isNew()) {
                noteRemoval(cause);
                if (!newStore.discard()) {
                    throw new IOException(
                            newStore.isWithdrawn()
                                    ? "another process uses it"
                                    : "it was closed before the import failed");
                }
                mark.clear();
            } else {
                mark.end(source);
            }
            if (cause instanceof StoreFullException) {
                console.complain((newStore.isNew()
                                ? directory + " was removed again: it had only a part of "
                                : directory + " keeps what it has, which is only a part of ")
                        + source + "; make space on its disk and import that again");
            }
        } catch (IOException e) {
            cause.addSuppressed(e);
            console.complain(directory + " is left with a part of " + source + ": " + Failures.describe(e)
                    + (newStore.isNew() ? "; remove it before the next import" : ""));
        }
    }

    /** On a full disk there may be no space for it. The store is removed all the same, which makes some. */
    private void noteRemoval(Throwable cause) {
        try {
            mark.discard();
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    /** Ends an import that has stored all of its source. */
    public void end() throws IOException {
        if (opened) {
            mark.end(source);
        }
    }
}
