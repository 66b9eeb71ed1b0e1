package dev.penstock.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The image follows the specification of OCI, and what is in it runs without anything from outside. */
class ImageIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Every container has /proc. The mount ends with the process. */
    private static final String CONTAINER = "mount --rbind /proc root/proc && exec \"$@\"";

    @TempDir
    Path folder;

    private Path layout;
    private JsonNode manifest;
    private JsonNode config;

    @BeforeEach
    void read() throws Exception {
        layout = Files.createDirectory(folder.resolve("layout"));
        Path image = Staging.FILES.resolve("penstock-" + Staging.VERSION + "-image.tar");
        Staging.run(layout, "tar", "-xf", image.toString());
        JsonNode index = JSON.readTree(layout.resolve("index.json").toFile());
        assertEquals(1, index.path("manifests").size(), index.toString());
        manifest = JSON.readTree(blob(index.path("manifests").get(0)).toFile());
        config = JSON.readTree(blob(manifest.path("config")).toFile());
    }

    @Test
    void everyPartIsNamedByItsDigest() throws Exception {
        List<JsonNode> parts = new ArrayList<>(List.of(manifest.path("config")));
        manifest.path("layers").forEach(parts::add);
        assertTrue(parts.size() > 2, manifest.toString());
        for (JsonNode part : parts) {
            Path blob = blob(part);
            assertEquals(part.path("size").asLong(), Files.size(blob));
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(blob));
            assertEquals(
                    part.path("digest").asText(), "sha256:" + HexFormat.of().formatHex(digest));
        }
        assertEquals(
                manifest.path("layers").size(),
                config.path("rootfs").path("diff_ids").size());
        assertEquals("linux", config.path("os").asText());
    }

    /** A container that no option restricts has no right to change the program, and keeps its data in a volume. */
    @Test
    void theServerRunsAsAnUnprivilegedUserOnAVolume() {
        JsonNode container = config.path("config");
        assertEquals("10001:0", container.path("User").asText());
        assertTrue(container.path("Volumes").has("/data"), container.toString());
        assertTrue(container.path("ExposedPorts").has("6380/tcp"), container.toString());
        assertEquals("/data", container.path("WorkingDir").asText());
        assertEquals(
                Staging.VERSION,
                container
                        .path("Labels")
                        .path("org.opencontainers.image.version")
                        .asText());
        assertEquals(
                List.of("serve", "/data", "--bind", "0.0.0.0", "--log-format", "json"), texts(container.path("Cmd")));
    }

    @Test
    void theServerStartsWithTheOptionsOfTheDockerfile() throws Exception {
        List<String> entry = texts(config.path("config").path("Entrypoint"));
        String dockerfile = Files.readString(Path.of("Dockerfile"));
        assertTrue(entry.size() > 8, entry.toString());
        for (String option : entry) {
            if (option.startsWith("-") && !option.equals("-cp")) {
                assertTrue(dockerfile.contains(" " + option + " "), option);
            }
        }
    }

    @Test
    void whatIsInTheImageRunsWithNothingFromOutside() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root can chroot: skipped");
        Path root = Files.createDirectory(folder.resolve("root"));
        for (JsonNode layer : manifest.path("layers")) {
            Staging.run(root, "tar", "-xzpf", blob(layer).toString());
        }
        assumeTrue(Files.exists(root.resolve("opt/java/openjdk/lib/modules")), "the base is not unpacked: skipped");
        assertEquals("rwxrwx---", PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve("data"))));
        assertFalse(Files.exists(root.resolve("bin/sh")));
        Files.createDirectory(root.resolve("proc"));

        List<String> command = new ArrayList<>(List.of("unshare", "--mount", "sh", "-c", CONTAINER, "sh"));
        command.addAll(List.of("chroot", "--userspec=10001:0", root.toString()));
        command.addAll(texts(config.path("config").path("Entrypoint")));
        Installation image = new Installation(command, folder);
        image.worksOnTheCommandLine("/data/store");
        image.serves("/data/store", "--log-format", "json");
        image.runsACluster("/data/cluster");
    }

    private Path blob(JsonNode descriptor) {
        return layout.resolve("blobs")
                .resolve(descriptor.path("digest").asText().replace(':', '/'));
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(text -> texts.add(text.asText()));
        return texts;
    }
}
