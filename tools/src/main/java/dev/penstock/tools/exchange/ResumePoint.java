package dev.penstock.tools.exchange;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.tools.console.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where an import from a server can go on after it was interrupted. It is a small file beside the store, {@code
 * DIR.import}: which process of which server, the cursor of its {@code SCAN}, and which store has the entries before
 * it. One thread.
 */
public final class ResumePoint {

    /** Far more than the file has. */
    private static final int MAX_LENGTH = 64 << 10;
    /** Of the file by which a store is recognized: it holds a random number. */
    private static final int IDENTITY_LENGTH = 64;

    private final Path store;
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
        this.store = store;
        this.file = file(store);
        this.source = source;
        this.runId = runId;
    }

    /** The file beside a store. */
    public static Path file(Path store) {
        Path place = store.toAbsolutePath().normalize();
        return place.resolveSibling(place.getFileName() + ".import");
    }

    /**
     * Returns the cursor at which an earlier import stopped; null if there was none, or it was of another server,
     * another process of it, or into another store.
     *
     * @throws IOException if the file cannot be read, or is something else
     */
    public @Nullable String cursor() throws IOException {
        if (!Files.exists(file)) {
            return null;
        }
        try {
            JsonNode point = Json.MAPPER.readTree(beginning(file, MAX_LENGTH));
            String cursor = point.path("cursor").asText();
            if (!cursor.matches("[0-9]{1,20}")) {
                throw unreadable(null);
            }
            boolean same = point.path("source").asText().equals(source)
                    && point.path("runId").asText().equals(runId)
                    && point.path("store").asText().equals(identity());
            return same ? cursor : null;
        } catch (JsonProcessingException e) {
            throw unreadable(e);
        }
    }

    /** What tells the store from any other that is or was in its directory; empty if there is none. */
    private String identity() throws IOException {
        Path identity = store.resolve("STORE");
        return Files.exists(identity) ? HexFormat.of().formatHex(beginning(identity, IDENTITY_LENGTH)) : "";
    }

    private static byte[] beginning(Path file, int length) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(length);
        }
    }

    private IOException unreadable(@Nullable Exception cause) {
        return new IOException(
                file + ": is not what an interrupted import leaves; remove it to import from the beginning", cause);
    }

    /** Notes a cursor. What was imported before it must be on the device. */
    public void save(String cursor) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".tmp");
        Map<String, String> point = Map.of("source", source, "runId", runId, "store", identity(), "cursor", cursor);
        Files.write(next, Json.MAPPER.writeValueAsBytes(point));
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Forgets the point: the import is complete. */
    public void delete() throws IOException {
        Files.deleteIfExists(file);
    }
}
