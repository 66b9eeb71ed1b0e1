package dev.penstock.tools.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.tools.Child;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** systemd learns when the server is ready, that it lives, and that it stops; without systemd all is as before. */
class ServiceNotifierIT {

    @TempDir
    Path folder;

    @Test
    void systemdLearnsOfAWholeLife() throws Throwable {
        wholeLife(folder.resolve("notify").toString());
    }

    @Test
    void theSocketMayHaveAnAbstractName() throws Throwable {
        wholeLife("@penstock-" + UUID.randomUUID());
    }

    private void wholeLife(String address) throws Throwable {
        Map<String, String> environment = Map.of("NOTIFY_SOCKET", address, "WATCHDOG_USEC", "100000");
        try (NotifyReceiver systemd = new NotifyReceiver(address);
                Child server = Child.start(environment, "serve", folder.resolve("store"), "--port", "0")) {
            assertEquals("STATUS=opening the store", systemd.next());
            assertEquals("READY=1\nSTATUS=" + server.readLine(), systemd.next());
            for (int i = 0; i < 3; i++) {
                assertEquals("WATCHDOG=1", systemd.next());
            }
            assertEquals(Child.SIGTERMED, server.terminate(), server.errors());
            String message = systemd.next();
            while (message.equals("WATCHDOG=1")) {
                message = systemd.next();
            }
            assertTrue(message.startsWith("STOPPING=1\nSTATUS="), message);
        }
    }

    /** The watchdog of another process is none of ours; the first message after READY=1 is the last one. */
    @Test
    void signsOfLifeAreSentOnlyWhereTheyAreExpected() throws Throwable {
        String address = folder.resolve("notify").toString();
        Map<String, String> environment =
                Map.of("NOTIFY_SOCKET", address, "WATCHDOG_USEC", "1000", "WATCHDOG_PID", "1");
        try (NotifyReceiver systemd = new NotifyReceiver(address);
                Child server = Child.start(environment, "serve", folder.resolve("store"), "--port", "0")) {
            assertEquals("STATUS=opening the store", systemd.next());
            assertTrue(systemd.next().startsWith("READY=1\n"));
            assertEquals(Child.SIGTERMED, server.terminate(), server.errors());
            assertTrue(systemd.next().startsWith("STOPPING=1\n"));
        }
    }

    /** In nanoseconds the interval is more than a long holds; as a negative one it would end every wait at once. */
    @Test
    void aWatchdogOfCenturiesGetsOneSignOfLife() throws Throwable {
        String address = folder.resolve("notify").toString();
        Map<String, String> environment = Map.of("NOTIFY_SOCKET", address, "WATCHDOG_USEC", "10000000000000000");
        try (NotifyReceiver systemd = new NotifyReceiver(address);
                Child server = Child.start(environment, "serve", folder.resolve("store"), "--port", "0")) {
            assertEquals("STATUS=opening the store", systemd.next());
            assertTrue(systemd.next().startsWith("READY=1\n"));
            assertEquals("WATCHDOG=1", systemd.next());
            assertEquals(Child.SIGTERMED, server.terminate(), server.errors());
            assertTrue(systemd.next().startsWith("STOPPING=1\n"));
        }
    }

    @Test
    void aSocketThatNobodyListensOnCostsOneLineAndNothingElse() throws Exception {
        for (String address : new String[] {folder.resolve("none").toString(), "vsock:2:1", "/" + "x".repeat(200)}) {
            Map<String, String> environment = Map.of("NOTIFY_SOCKET", address, "WATCHDOG_USEC", "1000");
            try (Child server = Child.start(environment, "serve", folder.resolve("store"), "--port", "0")) {
                assertTrue(server.readLine().startsWith("serving "));
                assertEquals(Child.SIGTERMED, server.terminate(), server.errors());
                long complaints = server.errors()
                        .lines()
                        .filter(line -> line.contains("cannot tell systemd by NOTIFY_SOCKET"))
                        .count();
                assertEquals(1, complaints, server.errors());
            }
        }
    }
}
