package dev.penstock.bench.scale;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** What may make a put wait, as Penstock tells the Flight Recorder, from the start of a recording to its end. */
final class StoreEvents implements AutoCloseable {

    private static final Map<String, String> ROWS = new LinkedHashMap<>();

    static {
        ROWS.put("dev.penstock.IndexGrowth", "  index growth in it");
        ROWS.put("dev.penstock.Stall", "  waits for the log in it");
    }

    private final Recording recording = new Recording();

    StoreEvents() {
        ROWS.keySet().forEach(name -> recording.enable(name).withoutThreshold());
        recording.start();
    }

    /** Ends the recording and gives the durations of each kind of event. */
    List<OperationLatencies> stop() throws IOException {
        recording.stop();
        Map<String, OperationLatencies> latencies = new LinkedHashMap<>();
        ROWS.forEach((name, row) -> latencies.put(name, new OperationLatencies(row)));
        Path file = Files.createTempFile("penstock", ".jfr");
        try {
            recording.dump(file);
            for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
                OperationLatencies kind = latencies.get(event.getEventType().getName());
                if (kind != null) {
                    kind.record(event.getDuration().toNanos());
                }
            }
        } finally {
            Files.delete(file);
        }
        return List.copyOf(latencies.values());
    }

    @Override
    public void close() {
        recording.close();
    }
}
