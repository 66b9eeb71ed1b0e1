package dev.penstock.store.internal.io;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.store.ConsistentReadTest;
import dev.penstock.store.StoreTest;
import dev.penstock.store.TestJvm;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Where the system has no addresses to spare, reads take the general way and are right. The tests on the portable disk
 * show the same for systems without native access.
 */
@Tag("slow")
@Timeout(600)
class WithoutReadableRangesTest {

    private static final long ADDRESS_SPACE_KIB = 6 << 20;

    private static final List<Class<?>> READERS = List.of(StoreTest.class, ConsistentReadTest.class);

    @Test
    void aLimitOnTheAddressSpaceIsRespected() throws Exception {
        List<String> shell = List.of("bash", "-c", "ulimit -v " + ADDRESS_SPACE_KIB + " && exec \"$0\" \"$@\"");
        run(shell, List.of("-XX:+UseSerialGC", "-Xmx256m", "-XX:CompressedClassSpaceSize=64m"), READERS);
    }

    private static void run(List<String> before, List<String> options, List<Class<?>> tests) throws Exception {
        List<String> command = new ArrayList<>(before);
        command.addAll(TestJvm.command());
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), ChosenTests.class.getName()));
        command.addAll(
                Stream.of(tests.toArray(Class<?>[]::new)).map(Class::getName).toList());
        Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, child.waitFor(), output);
        } finally {
            child.destroyForcibly();
        }
    }
}
