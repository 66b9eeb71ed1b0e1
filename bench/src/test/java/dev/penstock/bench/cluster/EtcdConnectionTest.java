package dev.penstock.bench.cluster;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class EtcdConnectionTest {

    @TempDir
    private Path folder;

    @Test
    void whatWasPutIsFoundAndARefusalIsNoAnswer() throws IOException {
        assumeTrue(ClusterKind.ETCD.isInstalled(), "needs etcd");
        try (Deployment etcd = ClusterKind.ETCD.start(folder);
                EtcdConnection connection = new EtcdConnection(etcd.leader().address())) {
            connection.puts(List.of("a", "b", "c"), "value 1");
            connection.put("b", "value 2");

            assertTrue(connection.get("a").contains("value 1"));
            assertTrue(connection.get("b").contains("value 2"));
            assertFalse(connection.get("d").contains("value"));
            // etcd takes no empty key.
            assertThrows(EtcdConnection.EtcdRefusedException.class, () -> connection.put("", "value"));
        }
    }
}
