package dev.penstock.store.threat.failure;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.penstock.store.ProgressListener;
import dev.penstock.store.Store;
import dev.penstock.store.StoreLockedException;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.check.StoreInspector;
import dev.penstock.store.check.StoreVerifier;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The child processes of {@link SecondProcessTest}. As {@code owner} it opens a store for writing, does one thing after
 * the other to its directory, and waits for a line after each. As {@code other} it tries to open the store whenever it
 * gets a line.
 */
final class LockedOwner {

    private interface Way {

        void go() throws Exception;
    }

    private LockedOwner() {}

    public static void main(String[] arguments) throws Exception {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, US_ASCII));
        Path directory = Path.of(arguments[1]);
        if (arguments[0].equals("owner")) {
            own(directory, input);
        } else {
            tryAgainAndAgain(directory, input);
        }
    }

    private static void tryAgainAndAgain(Path directory, BufferedReader input) throws IOException {
        while (input.readLine() != null) {
            try {
                Store.open(directory).close();
                System.out.println("got in");
            } catch (StoreLockedException refused) {
                System.out.println("refused");
            }
        }
    }

    private static void own(Path directory, BufferedReader input) throws Exception {
        Store store = Store.open(directory);
        store.put("key".getBytes(US_ASCII), new byte[2 << 20]);
        for (Map.Entry<String, Way> way : ways(directory, store).entrySet()) {
            way.getValue().go();
            System.out.println(way.getKey());
            input.readLine();
        }
        store.close();
        System.out.println("closed");
        input.readLine();
    }

    private static Map<String, Way> ways(Path directory, Store store) {
        StoreOptions readOnly = StoreOptions.defaults().withReadOnly(true);
        Map<String, Way> ways = new LinkedHashMap<>();
        ways.put("nothing", () -> {});
        ways.put("a follower", () -> Store.open(directory, readOnly).close());
        ways.put("verify", () -> StoreVerifier.verify(directory, ProgressListener.NONE));
        ways.put("inspect", () -> StoreInspector.inspect(directory, ProgressListener.NONE));
        ways.put("backup", () -> store.backup(directory.resolveSibling("backup"), ProgressListener.NONE));
        ways.put("a second owner", () -> refused(() -> Store.open(directory)));
        ways.put("a second owner by another path", () -> {
            Path link = Files.createSymbolicLink(directory.resolveSibling("link"), directory);
            refused(() -> Store.open(link));
        });
        ways.put("an interrupted thread", () -> {
            Thread.currentThread().interrupt();
            store.put("interrupted".getBytes(US_ASCII), new byte[2 << 20]);
            store.sync();
            refused(() -> Store.open(directory));
            Store.open(directory, readOnly).close();
            StoreVerifier.verify(directory, ProgressListener.NONE);
            if (!Thread.interrupted()) {
                throw new IllegalStateException("the interrupt is lost");
            }
        });
        ways.put("a child process", () -> new ProcessBuilder("true").start().waitFor());
        return ways;
    }

    private static void refused(Way opening) throws Exception {
        try {
            opening.go();
        } catch (StoreLockedException expected) {
            return;
        }
        throw new IllegalStateException("a second owner in one process");
    }
}
