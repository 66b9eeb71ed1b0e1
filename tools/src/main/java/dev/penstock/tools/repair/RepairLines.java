package dev.penstock.tools.repair;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.penstock.store.ProgressListener;
import dev.penstock.store.repair.Loss;
import dev.penstock.store.repair.RepairReport;
import dev.penstock.tools.console.Console;
import dev.penstock.tools.console.Json;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Prints a repair for scripts: one JSON object a line, whose {@code type} is loss, doubt or summary. */
public final class RepairLines implements RepairOutput {

    private final Console console;
    private final ProgressListener progress;

    public RepairLines(Console console, ProgressListener progress) {
        this.console = console;
        this.progress = progress;
    }

    /** The fields of a line. */
    @FunctionalInterface
    private interface Fields {
        void write(JsonGenerator generator) throws IOException;
    }

    @Override
    public void progress(long doneBytes, long totalBytes) {
        progress.progress(doneBytes, totalBytes);
    }

    @Override
    public void lost(Loss loss) {
        object("loss", generator -> {
            generator.writeStringField("code", loss.code().toString());
            generator.writeStringField("severity", loss.code().severity().name());
            generator.writeStringField("file", loss.file());
            generator.writeNumberField("offset", loss.offset());
            generator.writeNumberField("length", loss.length());
            if (loss.key() != null) {
                Json.writeBytes(generator, "key", loss.key());
            }
            generator.writeStringField("problem", loss.problem());
        });
    }

    @Override
    public void doubtful(byte[] key, String file, long offset) {
        object("doubt", generator -> {
            Json.writeBytes(generator, "key", key);
            generator.writeStringField("file", file);
            generator.writeNumberField("offset", offset);
        });
    }

    @Override
    public void summary(RepairReport report) {
        object("summary", generator -> {
            generator.writeStringField("storeId", report.storeId().toString());
            generator.writeBooleanField("complete", report.isComplete());
            generator.writeNumberField("salvagedKeys", report.salvagedKeys());
            generator.writeNumberField("salvagedBytes", report.salvagedBytes());
            generator.writeNumberField("doubtfulKeys", report.doubtfulKeys());
            generator.writeNumberField("outdatedKeys", report.outdatedKeys());
            generator.writeNumberField("expiredKeys", report.expiredKeys());
            generator.writeNumberField("recoveredValueFiles", report.recoveredValueFiles());
            generator.writeNumberField("lostValues", report.lostValues());
            generator.writeNumberField("unreadableKeys", report.unreadableKeys());
            generator.writeNumberField("lossCount", report.lossCount());
        });
    }

    private void object(String type, Fields fields) {
        try {
            try (JsonGenerator generator = Json.MAPPER.createGenerator(console.out())) {
                generator.writeStartObject();
                generator.writeStringField("type", type);
                fields.write(generator);
                generator.writeEndObject();
            }
            console.out().write('\n');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
