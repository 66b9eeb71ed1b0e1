package dev.penstock.bench.cluster;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class RedisKeyClientTest {

    @TempDir
    private Path folder;

    /** A lost key is counted, and does not end the run. */
    @Test
    void aKeyThatIsAbsentIsNotThere() throws IOException {
        assumeTrue(ClusterKind.REDIS.isInstalled(), "needs redis-server");
        try (Deployment redis = ClusterKind.REDIS.start(folder);
                KeyClient client = ClusterKind.REDIS.connect(redis)) {
            assertNull(client.write("key", "value"));
            assertTrue(client.has("key", "value"));
            assertFalse(client.has("key", "other"));
            assertFalse(client.has("absent", "value"));
        }
    }
}
