package dev.penstock.tools.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.tools.Child;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

/** A server that is no node of a cluster pays nothing for clusters: no class of them is loaded. */
class ClusterClassesIT {

    @TempDir
    Path folder;

    @Test
    void aServerAloneLoadsNoClassOfTheClusterOrOfRatis() throws Exception {
        Path classes = folder.resolve("classes");
        // Another form than the plain one, so that the parser and all options are there.
        try (Child server = Child.start(
                Map.of("_JAVA_OPTIONS", "-Xlog:class+load:file=" + classes),
                "serve",
                folder.resolve("store"),
                "--port=0",
                "--metrics-port=0")) {
            try (Jedis client = new Jedis(ServeCommandIT.address(server.readLine()))) {
                assertEquals("OK", client.set("key", "value"));
                assertTrue(client.info().contains("cluster_enabled:0"));
            }
            server.terminate();
        }
        List<String> loaded = Files.readAllLines(classes);
        assertTrue(loaded.stream().anyMatch(line -> line.contains("dev.penstock.server.PenstockServer")));
        assertEquals(
                List.of(),
                loaded.stream()
                        .filter(line -> line.contains(" org.apache.ratis.")
                                || line.contains(" dev.penstock.cluster.")
                                || line.contains(" dev.penstock.tools.cluster."))
                        .toList());
    }
}
