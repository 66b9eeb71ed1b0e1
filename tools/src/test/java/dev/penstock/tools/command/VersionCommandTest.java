package dev.penstock.tools.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.store.Store;
import dev.penstock.store.check.StoreFormat;
import dev.penstock.tools.Cli;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VersionCommandTest {

    @Test
    void theFactsAreThoseOfTheCodeAndTheMachine(@TempDir Path folder) throws Exception {
        JsonNode json = Cli.run("version", "--json").exits(0).json();
        String product = Cli.run("--version").exits(0).out().strip();
        assertEquals(product, "penstock " + json.get("penstock").asText());
        assertTrue(json.get("sources").asText().matches("20[0-9-]{8}T[0-9:]{8}Z"), json.toString());
        assertEquals(Runtime.version().toString(), json.get("java").asText());
        assertEquals(StoreFormat.version(), json.get("storeFormat").asInt());
        assertEquals(
                StoreFormat.checkpointVersion(), json.get("checkpointFormat").asInt());
        Store.open(folder.resolve("store")).close();
        JsonNode store =
                Cli.run("inspect", folder.resolve("store"), "--json").exits(0).json();
        assertEquals(store.get("formatVersion").asInt(), json.get("storeFormat").asInt());
        String text = Cli.run("version").exits(0).out();
        String commit = json.has("commit") ? ", commit " + json.get("commit").asText() : "";
        assertTrue(text.startsWith(product.replace("penstock ", "penstock  ") + commit + ", sources of 20"), text);
        assertTrue(text.contains("\nformats   store " + StoreFormat.version() + ", checkpoint "), text);
    }
}
