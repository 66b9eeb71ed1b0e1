package dev.penstock.tools.exchange;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.tools.console.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where an import from a server can go on after it was interrupted. It is a small file beside the store, {@code
 * DIR.import}: which process of which server, and the cursor of its {@code SCAN}. One thread.
 */
public final class ResumePoint {

    private final Path file;
    private final String source;
    private final String runId;

    /**
     * The point of an import.
     *
     * @param store the store's directory
     * @param source the server and its database, as the user names them
     * @param runId what tells this process of the server from any other
     */
    public ResumePoint(Path store, String source, String runId) {
        this.file = file(store);
        this.source = source;
        this.runId = runId;
    }

    /** The file beside a store. */
    public static Path file(Path store) {
        return store.resolveSibling(store.getFileName() + ".import");
    }

    /**
     * Returns the cursor at which an earlier import stopped; null if there was none, or it was of another server or
     * another process of it.
     *
     * @throws IOException if the file cannot be read, or is something else
     */
    public @Nullable String cursor() throws IOException {
        if (!Files.exists(file)) {
            return null;
        }
        try {
            JsonNode point = Json.MAPPER.readTree(Files.readAllBytes(file));
            String cursor = point.path("cursor").asText();
            if (!cursor.matches("[0-9]{1,20}")) {
                throw unreadable(null);
            }
            boolean same = point.path("source").asText().equals(source)
                    && point.path("runId").asText().equals(runId)
                    && !runId.isEmpty();
            return same ? cursor : null;
        } catch (JsonProcessingException e) {
            throw unreadable(e);
        }
    }

    private IOException unreadable(@Nullable Exception cause) {
        return new IOException(
                file + ": is not what an interrupted import leaves; remove it to import from the beginning", cause);
    }

    /** Notes a cursor. What was imported before it must be on the device. */
    public void save(String cursor) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".tmp");
        Files.write(next, Json.MAPPER.writeValueAsBytes(Map.of("source", source, "runId", runId, "cursor", cursor)));
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Forgets the point: the import is complete. */
    public void delete() throws IOException {
        Files.deleteIfExists(file);
    }
}
