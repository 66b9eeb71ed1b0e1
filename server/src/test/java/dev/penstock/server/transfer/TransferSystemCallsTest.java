package dev.penstock.server.transfer;

import static dev.penstock.server.transfer.TransferModeTest.bulk;
import static dev.penstock.server.transfer.TransferModeTest.bytes;
import static dev.penstock.server.transfer.TransferModeTest.set;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.penstock.server.ChildServer;
import dev.penstock.server.RespClient;
import dev.penstock.server.TransferMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each transfer mode makes the system calls that it is named after, seen from outside by strace, and few of them. */
class TransferSystemCallsTest {

    private static final int LENGTH = 16 << 20;
    private static final int MIB = 1 << 20;

    /** Most calls that move a mebibyte one way: stretches of 64 KiB, moved twice, with as many that moved nothing. */
    private static final int MOST_CALLS_PER_MIB = 64;

    /** What of other traffic, such as commands and their replies, may go by the calls that are looked at. */
    private static final long NOISE = MIB;

    private static final Pattern CALL =
            Pattern.compile("^\\d+\\s+(?:<\\.\\.\\. )?(\\w+)[ (].* = (-?\\d+)(?: [A-Z].*)?$");

    /** The beginning of a value that is on its way in comes with the request before it, by the same read. */
    private static final long WITH_THE_REQUEST = 64 * 1024;

    private record Total(long bytes, long calls) {

        private static final Total NONE = new Total(0, 0);

        Total and(long moved) {
            return new Total(bytes + Math.max(0, moved), calls + 1);
        }
    }

    @TempDir
    Path directory;

    private Path trace;
    private int linesSeen;

    @Test
    void eachModeMakesItsOwnSystemCalls() throws Exception {
        trace = directory.resolve("trace");
        List<String> strace = List.of(
                "strace",
                "-f",
                "-qq",
                "-e",
                "signal=none",
                "-e",
                "trace=sendfile,splice,pread64,pwrite64,read,write",
                "-o",
                trace.toString());
        assumeTrue(runs(strace), "strace is not installed or may not trace");
        try (ChildServer server = new ChildServer(directory.resolve("store"), strace);
                RespClient client = new RespClient(server.port())) {
            set(client, "k", bytes(LENGTH));
            for (TransferMode mode : TransferMode.values()) {
                setMode(client, mode);
                client.send("GET", "k");
                assertArrayEquals(bytes(LENGTH), bulk(client));
                check(mode, calls(client));
            }
            checkReceiving(client, TransferMode.COPY, Map.of("read", 1, "pwrite64", 1));
            checkReceiving(client, TransferMode.AUTO, Map.of("read", 1, "pwrite64", 1));
            checkReceiving(client, TransferMode.MAPPED, Map.of("read", 1, "pwrite64", 0));
            // Into the pipe and out of it.
            checkReceiving(client, TransferMode.SPLICE, Map.of("read", 0, "pwrite64", 0, "splice", 2));
        }
    }

    private static void check(TransferMode mode, Map<String, Total> calls) {
        switch (mode) {
            case COPY, DIRECT -> {
                moved(calls, mode, "pread64", 1);
                moved(calls, mode, "write", 1);
            }
            case MAPPED -> {
                moved(calls, mode, "write", 1);
                moved(calls, mode, "pread64", 0);
            }
            case SENDFILE, AUTO -> moved(calls, mode, "sendfile", 1);
            case SPLICE -> moved(calls, mode, "splice", 2);
        }
        for (String other : List.of("sendfile", "splice")) {
            boolean own = other.equals("splice") ? mode == TransferMode.SPLICE : isSentByKernel(mode);
            assertTrue(own || !calls.containsKey(other), other + " in " + mode + ": " + calls);
        }
        if (isSentByKernel(mode) || mode == TransferMode.SPLICE) {
            moved(calls, mode, "write", 0);
            moved(calls, mode, "pread64", 0);
        }
    }

    private static boolean isSentByKernel(TransferMode mode) {
        return mode == TransferMode.SENDFILE || mode == TransferMode.AUTO;
    }

    /** @param times how often the value's bytes go by each of the calls */
    private void checkReceiving(RespClient client, TransferMode mode, Map<String, Integer> times) throws Exception {
        setMode(client, mode);
        set(client, "in", bytes(LENGTH));
        Map<String, Total> calls = calls(client);
        times.forEach((call, count) -> moved(calls, mode, call, count));
    }

    /** That the value went by that call so many times, and little else. */
    private static void moved(Map<String, Total> calls, TransferMode mode, String call, int times) {
        Total total = calls.getOrDefault(call, Total.NONE);
        long expected = (long) times * LENGTH;
        String message = mode + " by " + call + ": " + calls;
        assertTrue(
                total.bytes >= expected - times * WITH_THE_REQUEST && total.bytes <= expected + expected / 8 + NOISE,
                message);
        assertTrue(total.calls / (LENGTH / MIB) <= MOST_CALLS_PER_MIB, message);
    }

    private void setMode(RespClient client, TransferMode mode) throws IOException {
        String word = mode.name().toLowerCase(Locale.ROOT);
        assertEquals("+OK\r\n", client.call("CONFIG", "SET", "transfer-mode", word));
        calls(client);
    }

    /** What was called since it was asked before; a call is on file when its successor begins. */
    private Map<String, Total> calls(RespClient client) throws IOException {
        assertEquals("+PONG\r\n", client.call("PING"));
        List<String> lines = Files.readAllLines(trace);
        Map<String, Total> calls = new HashMap<>();
        for (String line : lines.subList(linesSeen, lines.size())) {
            Matcher matcher = CALL.matcher(line);
            if (matcher.matches()) {
                long moved = Long.parseLong(matcher.group(2));
                calls.merge(matcher.group(1), Total.NONE.and(moved), (old, one) -> old.and(one.bytes));
            }
        }
        linesSeen = lines.size();
        return calls;
    }

    private static boolean runs(List<String> strace) throws InterruptedException {
        try {
            List<String> command = new ArrayList<>(strace);
            command.add("true");
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException notInstalled) {
            return false;
        }
    }
}
