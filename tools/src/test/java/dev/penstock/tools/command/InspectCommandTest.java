package dev.penstock.tools.command;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.WriteOptions;
import dev.penstock.tools.Cli;
import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.program.InspectionPageIT;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code inspect} prints of a store, of a key, of a record and of a segment. */
class InspectCommandTest {

    private static final String LOG = "0000000001.log";
    private static final String HOSTILE = "</script><img src=\"http://127.0.0.1:9/x\" onerror=alert(1)>&lt;'\"\u2028";

    @TempDir
    Path folder;

    private Path store;

    @BeforeEach
    void fill() {
        store = folder.resolve("store");
        try (Store open = Store.open(store, StoreOptions.defaults().withSegmentSize(1 << 20))) {
            for (int i = 0; i < 200; i++) {
                open.put(("user:" + i).getBytes(UTF_8), new byte[i]);
                open.put(("page:" + i % 50).getBytes(UTF_8), new byte[10]);
            }
            open.put(HOSTILE.getBytes(UTF_8), new byte[5000]);
            open.put(new byte[] {(byte) 0xff, ':'}, new byte[300_000]);
            open.put(
                    "soon".getBytes(UTF_8), new byte[1], WriteOptions.defaults().expiresIn(Duration.ofHours(2)));
            open.put("twice".getBytes(UTF_8), "one".getBytes(UTF_8));
            open.remove("twice".getBytes(UTF_8));
            open.put("twice".getBytes(UTF_8), "two".getBytes(UTF_8));
        }
    }

    @Test
    void theDocumentListsTheFieldsOfTheJson() throws IOException {
        JsonNode json = Cli.run("inspect", store, "--json", "--by-prefix", ":", "--top", "1000")
                .exits(ExitCode.OK)
                .json();
        Set<String> fields = new TreeSet<>();
        collect(json, "", fields);
        Set<String> documented = Files.readAllLines(Path.of("..", "docs", "reference", "inspect.md")).stream()
                .dropWhile(line -> !line.equals("<!-- fields -->"))
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.split("`", -1)[1])
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(String.join("\n", documented), String.join("\n", fields));
    }

    /** A key that is not text is base64, which the document says beside the field. */
    private static void collect(JsonNode node, String path, Set<String> fields) {
        if (node.isObject()) {
            for (Map.Entry<String, JsonNode> field : node.properties()) {
                collect(field.getValue(), path.isEmpty() ? field.getKey() : path + "." + field.getKey(), fields);
            }
        } else if (node.isArray()) {
            node.forEach(each -> collect(each, path + "[]", fields));
        } else {
            fields.add(path.replaceFirst("(key|prefix)64$", "$1"));
        }
    }

    @Test
    void theNumbersAreThoseOfTheStore() throws IOException {
        JsonNode json = Cli.run("inspect", store, "--json", "--by-prefix", ":", "--top", "3")
                .exits(ExitCode.OK)
                .json();
        assertEquals(254, json.get("keyCount").asLong());
        assertEquals(1, json.get("expiringCount").asLong());
        assertEquals(254, sum(json.get("keyLengths")));
        assertEquals(254, sum(json.get("valueLengths")));
        assertEquals(254, sum(json.get("writesSince")));
        assertEquals(1, sum(json.get("timesToLive")));
        assertEquals(3, json.get("largest").size());
        assertEquals(300_000, json.at("/largest/0/valueLength").asLong());
        assertEquals("/zo=", json.at("/largest/0/key64").asText());
        assertEquals(HOSTILE, json.at("/largest/1/key").asText());
        assertEquals("user:", json.at("/prefixes/0/prefix").asText());
        assertEquals(200, json.at("/prefixes/0/keyCount").asLong());
        assertEquals(50, json.at("/prefixes/1/keyCount").asLong());
        assertTrue(json.get("replayBytes").asLong() > 0, "the log is too short for an image of the index");
        assertTrue(json.at("/compaction/bytesAfter").asLong()
                < json.at("/compaction/bytesBefore").asLong());
    }

    private static long sum(JsonNode buckets) {
        long sum = 0;
        for (JsonNode bucket : buckets) {
            sum += bucket.get("count").asLong();
        }
        return sum;
    }

    @Test
    void aKeysHistoryShowsValuesAndRemovals() throws IOException {
        String text =
                Cli.run("inspect", store, "--key", "twice").exits(ExitCode.OK).out();
        List<String> lines = text.lines().toList();
        assertEquals(4, lines.size(), text);
        assertTrue(lines.get(1).contains(" value ") && !lines.get(1).contains("current"), text);
        assertTrue(lines.get(2).contains(" tombstone "), text);
        assertTrue(lines.get(3).endsWith("current"), text);
        JsonNode json = Cli.run("inspect", store, "--key", "ff3a", "--hex", "--json")
                .exits(ExitCode.OK)
                .json();
        assertEquals("REFERENCE", json.at("/records/0/kind").asText());
        Cli.run("inspect", store, "--key", "none").exits(ExitCode.NEGATIVE);
    }

    @Test
    void aRecordIsDecodedAndShownInHexadecimal() throws IOException {
        String text = Cli.run("inspect", store, "--record", LOG + ":64")
                .exits(ExitCode.OK)
                .out();
        assertTrue(text.contains("kind            value"), text);
        assertTrue(text.contains("key             user:0"), text);
        assertTrue(text.contains("00000040  06 00 00 10"), text);
        assertTrue(text.contains(":0$0"), text);
        String other = Cli.run("inspect", store, "--record", LOG + ":72")
                .exits(ExitCode.NEGATIVE)
                .out();
        assertTrue(other.contains("sound           no: "), other);
        JsonNode json = Cli.run("inspect", store, "--record", (1 << 20) + 64, "--json")
                .exits(ExitCode.OK)
                .json();
        assertEquals("user:0", json.at("/record/key").asText());
        for (String wrong : List.of("x", "1:x", ":")) {
            Cli.run("inspect", store, "--record", wrong).exits(ExitCode.USAGE);
        }
        for (String absent : List.of("0", "-1", "9223372036854775807", "STORE:0", LOG + ":-8", LOG + ":99999999")) {
            Cli.run("inspect", store, "--record", absent).exits(ExitCode.NEGATIVE);
        }
    }

    @Test
    void aSegmentHasAMapOfLetters() throws IOException {
        String text =
                Cli.run("inspect", store, "--segment", "1").exits(ExitCode.OK).out();
        assertTrue(text.contains("\nvalue "), text);
        assertTrue(text.contains("\n00000000  "), text);
        JsonNode json = Cli.run("inspect", store, "--segment", "1", "--json")
                .exits(ExitCode.OK)
                .json();
        assertEquals(0, json.get("gapCount").asLong());
        Cli.run("inspect", store, "--segment", "2").exits(ExitCode.NEGATIVE);
        Cli.run("inspect", store, "--segment", "1", "--key", "x").exits(ExitCode.USAGE);
    }

    @Test
    void damageIsShownAndNamed() throws IOException {
        byte[] content = Files.readAllBytes(store.resolve(LOG));
        content[new String(content, ISO_8859_1).indexOf("user:100")] ^= 1;
        Files.write(store.resolve(LOG), content);
        Files.delete(store.resolve("CHECKPOINT"));
        Path page = folder.resolve("page.html");
        Cli.Result result = Cli.run("inspect", store, "--html", page).exits(ExitCode.NEGATIVE);
        assertTrue(result.complaint().contains("is damaged"), result.complaint());
        assertTrue(Files.readString(page).contains("is damaged: " + LOG), "the page says so");
        assertEquals(
                1,
                Cli.run("inspect", store, "--segment", "1", "--json")
                        .exits(ExitCode.NEGATIVE)
                        .json()
                        .get("gapCount")
                        .asLong());
    }

    @Test
    void wrongOptionsAreNamed() {
        for (List<String> wrong : List.of(
                List.of("--top", "-1"),
                List.of("--top", "1001"),
                List.of("--by-prefix", ""),
                List.of("--key", "a", "--html", folder.resolve("x.html").toString()))) {
            Object[] words = new Object[2 + wrong.size()];
            words[0] = "inspect";
            words[1] = store;
            for (int i = 0; i < wrong.size(); i++) {
                words[i + 2] = wrong.get(i);
            }
            Cli.run(words).exits(ExitCode.USAGE);
        }
        Cli.run("inspect", store, "--html", folder).exits(ExitCode.IO);
        assertFalse(Files.exists(folder.resolve("x.html")));
    }

    /** {@link InspectionPageIT} looks at the page in a browser. */
    @Test
    void noKeyIsMarkupOfThePage() throws IOException {
        Path page = folder.resolve("page.html");
        Cli.run("inspect", store, "--html", page, "--by-prefix", ":").exits(ExitCode.OK);
        assertTrue(Files.size(page) < 5_000_000);
        assertFalse(Files.readString(page).contains("<img"), "a key became markup");
    }
}
