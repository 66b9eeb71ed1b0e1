package dev.penstock.server.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A collector of metrics does not stop the threads that serve clients. */
class JvmFiguresTest {

    private static final Set<String> WALKS_OVER_THREADS = Set.of("FindDeadlocks", "ThreadDump", "PrintThreads");

    @TempDir
    Path directory;

    @Test
    void aScrapeStopsNoThreads() throws Exception {
        JvmFigures.now();
        try (Recording recording = new Recording()) {
            recording.enable("jdk.ExecuteVMOperation").withoutThreshold();
            recording.start();
            for (int i = 0; i < 5; i++) {
                assertTrue(JvmFigures.now().size() > 20);
            }
            assertEquals(List.of(), walks(recording, "scraped.jfr"));
            ManagementFactory.getThreadMXBean().findDeadlockedThreads();
            assertEquals(List.of("FindDeadlocks"), walks(recording, "searched.jfr"), "such a walk is seen");
        }
    }

    private List<String> walks(Recording recording, String file) throws Exception {
        Path events = directory.resolve(file);
        recording.dump(events);
        String thread = Thread.currentThread().getName();
        return RecordingFile.readAllEvents(events).stream()
                .filter(event -> event.getThread("caller") != null
                        && thread.equals(event.getThread("caller").getJavaName()))
                .map(JvmFiguresTest::operation)
                .filter(WALKS_OVER_THREADS::contains)
                .toList();
    }

    private static String operation(RecordedEvent event) {
        return event.getString("operation");
    }
}
