package dev.penstock.tools.load;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.tools.console.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Names the files of which a store has only a part, because the process that imported them was killed. The mark is a
 * small file beside the store, {@code DIR.importing}. It is there before the first entry is stored, and is removed when
 * the import has ended, by success or with a message. Where no file can be made beside the store, there is no mark, and
 * an import works without it. One thread.
 */
final class ImportMark {

    /** Far more than the file has. */
    private static final int MAX_LENGTH = 1 << 20;

    private final Path file;
    private final Set<String> sources = new LinkedHashSet<>();
    private boolean discarding;
    private boolean writable = true;

    /**
     * Reads the mark, if there is one.
     *
     * @param store the store's directory
     * @throws IOException if the file cannot be read, or is something else
     */
    ImportMark(Path store) throws IOException {
        Path place = store.toAbsolutePath().normalize();
        this.file = place.resolveSibling(place.getFileName() + ".importing");
        if (Files.exists(file)) {
            read();
        }
    }

    private void read() throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            JsonNode mark = Json.MAPPER.readTree(in.readNBytes(MAX_LENGTH));
            mark.path("sources").forEach(source -> sources.add(source.asText()));
            discarding = mark.path("discarding").asBoolean();
        } catch (JsonProcessingException e) {
            throw unreadable(e);
        }
        if (sources.isEmpty()) {
            throw unreadable(null);
        }
    }

    private IOException unreadable(@Nullable Exception cause) {
        return new IOException(file + ": is not what an import that was killed leaves; remove it to import", cause);
    }

    /** {@return the sources whose imports were killed, the earliest first; empty if there are none} */
    Set<String> sources() {
        return Collections.unmodifiableSet(new LinkedHashSet<>(sources));
    }

    /** {@return whether an import was killed while it removed the store that it had made} */
    boolean isDiscarding() {
        return discarding;
    }

    /**
     * Notes that the store is to have the entries of a source, and has none or a part of them.
     *
     * @return false if no file can be made beside the store: then this writes nothing from now on
     */
    boolean begin(String source) throws IOException {
        sources.add(source);
        discarding = false;
        try {
            write();
        } catch (FileSystemException e) {
            if (!isRefused(e)) {
                throw e;
            }
            writable = false;
        }
        return writable;
    }

    private static boolean isRefused(FileSystemException e) {
        return e instanceof AccessDeniedException || "Read-only file system".equals(e.getReason());
    }

    /** Notes that the store is about to be removed. */
    void discard() throws IOException {
        discarding = true;
        write();
    }

    /** Notes that the store has all of a source, or that the user knows that it has not. */
    void end(String source) throws IOException {
        sources.remove(source);
        discarding = false;
        write();
    }

    /** Notes that there is no store any more. */
    void clear() throws IOException {
        sources.clear();
        discarding = false;
        write();
    }

    private void write() throws IOException {
        if (!writable) {
            return;
        }
        if (sources.isEmpty()) {
            Files.deleteIfExists(file);
            return;
        }
        Path next = file.resolveSibling(file.getFileName() + ".tmp");
        boolean written = false;
        try {
            Files.write(next, Json.MAPPER.writeValueAsBytes(Map.of("sources", sources, "discarding", discarding)));
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            written = true;
        } finally {
            if (!written) {
                Files.deleteIfExists(next);
            }
        }
    }
}
