package dev.penstock.tools.command;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.NotAStoreException;
import dev.penstock.store.Store;
import dev.penstock.store.StoreException;
import dev.penstock.store.StoreOptions;
import dev.penstock.tools.client.ServerAddress;
import dev.penstock.tools.console.Console;
import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.process.ToolException;
import dev.penstock.tools.text.RawFileNames;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A subcommand on a store, whose folder is always its first parameter. */
abstract class StoreCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "DIR", description = "The store's directory.")
    private Path directory;

    /** The command itself; returns the exit code. */
    abstract int run() throws Exception;

    @Override
    public final Integer call() throws Exception {
        try {
            RawFileNames.checkedDirectory(directory);
            refuseAddress();
            return run();
        } catch (CorruptionException | NotAStoreException e) {
            throw about(directory, e);
        }
    }

    /** A user who types a server's address must not get a new store with the address as its name. */
    private void refuseAddress() {
        if (ServerAddress.isTcp(directory.toString()) && !Files.exists(directory)) {
            throw new ToolException(
                    ExitCode.USAGE,
                    "'" + directory
                            + "' is the address of a server, and this command needs a store's directory; only top "
                            + "and bench take an address. To read and write by a server, use redis-cli. ./" + directory
                            + " names a directory");
        }
    }

    /** What to say of a store, this command's or another, that is damaged or not there. */
    static ToolException about(Path store, StoreException e) {
        if (e instanceof CorruptionException damage) {
            return ToolException.damaged(store, damage);
        }
        boolean missing = e instanceof NotAStoreException && !Files.exists(store);
        return new ToolException(
                ExitCode.STORE, missing ? store + ": no such directory" : String.valueOf(e.getMessage()), e);
    }

    final Path directory() {
        return directory;
    }

    final Console console() {
        return RootCommand.of(spec).console();
    }

    /**
     * For looking only: takes no lock, so that it works beside a server that owns the store.
     *
     * @param values whether values are looked at, which are then compared with their checksums
     */
    final Store openToRead(boolean values) {
        return Store.open(
                directory,
                StoreOptions.defaults()
                        .withCreateIfMissing(false)
                        .withReadOnly(true)
                        .withVerifyOnRead(values));
    }

    /** For changing what is there. */
    final Store openExisting() {
        return Store.open(directory, StoreOptions.defaults().withCreateIfMissing(false));
    }

    /** For adding to. A directory that is missing or empty becomes a store, but only in a directory that exists. */
    final Store openOrCreate() {
        requireParent();
        return Store.open(directory);
    }

    /** A mistyped path must not become a store in new directories. */
    final void requireParent() {
        Path parent = directory.toAbsolutePath().getParent();
        if (parent != null && !Files.isDirectory(parent)) {
            throw new ToolException(
                    ExitCode.STORE, parent + ": no such directory; create the parent directory of a new store first");
        }
    }
}
