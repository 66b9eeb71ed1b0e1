package dev.penstock.server.transfer;

import static dev.penstock.server.transfer.TransferModeTest.bulk;
import static dev.penstock.server.transfer.TransferModeTest.bytes;
import static dev.penstock.server.transfer.TransferModeTest.info;
import static dev.penstock.server.transfer.TransferModeTest.set;
import static dev.penstock.server.transfer.TransferModeTest.total;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.penstock.server.RespClient;
import dev.penstock.server.ServerOptions;
import dev.penstock.server.TestServer;
import dev.penstock.server.TransferMode;
import dev.penstock.server.http.HttpTestClient;
import dev.penstock.server.http.HttpTestClient.Response;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Values that are on the disk and not in memory come whole, by the disk's own threads, and where asked stay out of
 * memory.
 */
class ColdValueTest {

    private static final int LARGE = 20 << 20;
    private static final int MIDDLE = 300_000;

    @TempDir
    Path directory;

    @BeforeEach
    void fill() throws Exception {
        try (TestServer server = new TestServer(directory);
                RespClient client = server.client()) {
            set(client, "large", bytes(LARGE));
            set(client, "middle", bytes(MIDDLE));
        }
        assumeTrue(PageCache.drop(directory), "this file system does not drop pages");
    }

    @ParameterizedTest
    @EnumSource(TransferMode.class)
    void aColdValueIsReadBesideTheEventLoopFirst(TransferMode mode) throws Exception {
        try (TestServer server =
                        new TestServer(directory, ServerOptions.defaults().withTransferMode(mode));
                RespClient client = server.client()) {
            client.sendRaw("GET large\r\nPING\r\nGETRANGE middle 0 199999\r\nGET middle\r\n");
            assertArrayEquals(bytes(LARGE), bulk(client));
            assertEquals("+PONG", client.line());
            assertEquals(200_000, bulk(client).length);
            assertArrayEquals(bytes(MIDDLE), bulk(client));
            assertTrue(info(client, "transfer_disk_reads") > 0, "read beside the loop");
        }
    }

    @Test
    void aColdValueByHttpIsReadBesideTheEventLoopOrPastThePageCache() throws Exception {
        try (TestServer server =
                        new TestServer(directory, ServerOptions.defaults().withHttpPort(0));
                RespClient client = server.client();
                HttpTestClient http =
                        new HttpTestClient(server.server().httpPort().orElseThrow())) {
            Response part = http.send("GET", "/large", "Range: bytes=5000000-9999999");
            assertArrayEquals(Arrays.copyOfRange(bytes(LARGE), 5_000_000, 10_000_000), part.body());
            assertTrue(info(client, "transfer_disk_reads") > 0, "read beside the loop");
            assertEquals(5_000_000, info(client, "http_sendfile_bytes_out"));

            client.call("CONFIG", "SET", "direct-threshold", Integer.toString(LARGE));
            assertArrayEquals(bytes(LARGE), http.send("GET", "/large").body());
            long direct = info(client, "http_direct_bytes_out");
            assumeTrue(direct > 0, "no O_DIRECT on this file system");
            assertEquals(LARGE, direct);
            assertEquals(1, info(client, "http_direct_values_out"));
        }
    }

    @Test
    void oneThatIsWarmIsNotReadAgain() throws Exception {
        try (TestServer server = new TestServer(directory);
                RespClient client = server.client()) {
            client.send("GET", "large");
            bulk(client);
            long reads = info(client, "transfer_disk_reads");
            client.send("GET", "large");
            assertArrayEquals(bytes(LARGE), bulk(client));
            assertEquals(reads, info(client, "transfer_disk_reads"));
            assertEquals(total(client, "out"), info(client, "transfer_sendfile_bytes_out"));
        }
    }

    @Test
    void aColdValueOverTheThresholdGoesPastThePageCache() throws Exception {
        try (TestServer server = new TestServer(directory);
                RespClient client = server.client()) {
            long before = PageCache.residentBytes(directory);
            assertEquals("+OK\r\n", client.call("CONFIG", "SET", "direct-threshold", Integer.toString(LARGE)));
            client.send("GET", "large");
            assertArrayEquals(bytes(LARGE), bulk(client));
            long direct = info(client, "transfer_direct_bytes_out");
            assumeTrue(direct > 0, "no O_DIRECT on this file system");
            assertTrue(direct > LARGE);
            assertTrue(PageCache.residentBytes(directory) - before < LARGE / 10, "the page cache is as it was");

            assertEquals("+OK\r\n", client.call("CONFIG", "SET", "direct-threshold", Integer.toString(LARGE + 100)));
            client.send("GET", "large");
            assertArrayEquals(bytes(LARGE), bulk(client));
            assertEquals(direct, info(client, "transfer_direct_bytes_out"));
            assertTrue(PageCache.residentBytes(directory) - before > LARGE / 10 * 9, "now it is in memory");
        }
    }

    @Test
    void aLargeValueInDemandGetsIntoThePageCache() throws Exception {
        try (TestServer server = new TestServer(directory);
                RespClient client = server.client()) {
            client.call("CONFIG", "SET", "direct-threshold", Integer.toString(LARGE));
            part(client, 0, LARGE / 2);
            part(client, LARGE / 2, LARGE / 2);
            long direct = info(client, "transfer_direct_bytes_out");
            assumeTrue(direct > 0, "no O_DIRECT on this file system");
            assertEquals(LARGE, direct, "a download in parts");
            long before = PageCache.residentBytes(directory);
            part(client, 0, LARGE / 2);
            assertEquals(direct, info(client, "transfer_direct_bytes_out"), "asked for again");
            assertTrue(PageCache.residentBytes(directory) - before > LARGE / 10 * 4);
        }
    }

    private static void part(RespClient client, int offset, int length) throws Exception {
        client.send("GETRANGE", "large", Integer.toString(offset), Integer.toString(offset + length - 1));
        assertArrayEquals(Arrays.copyOfRange(bytes(LARGE), offset, offset + length), bulk(client));
    }

    @Test
    void aLargeValueOfWhichLittleIsMissingIsSentThroughThePageCache() throws Exception {
        Files.copy(largeFile(), OutputStream.nullOutputStream());
        PageCache.drop(largeFile(), 3, 1);
        assumeTrue(PageCache.residentBytes(directory) < Files.size(largeFile()), "this file system drops no parts");
        ServerOptions options = ServerOptions.defaults().withDirectThreshold(LARGE);
        try (TestServer server = new TestServer(directory, options);
                RespClient client = server.client()) {
            client.send("GET", "large");
            assertArrayEquals(bytes(LARGE), bulk(client));
            assertTrue(info(client, "transfer_disk_reads") > 0);
            assertEquals(0, info(client, "transfer_direct_bytes_out"));
        }
    }

    private Path largeFile() throws Exception {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".value"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void aServerThatStopsInTheMiddleOfColdReadsEndsThem() throws Exception {
        for (TransferMode mode : new TransferMode[] {TransferMode.AUTO, TransferMode.DIRECT}) {
            PageCache.drop(directory);
            try (TestServer server =
                            new TestServer(directory, ServerOptions.defaults().withTransferMode(mode));
                    RespClient client = server.client()) {
                client.sendRaw("GET large\r\n");
                assertEquals("$" + LARGE, client.line());
            } // closes while the rest is on its way
        }
        try (TestServer server = new TestServer(directory);
                RespClient client = server.client()) {
            client.send("GET", "large");
            assertArrayEquals(bytes(LARGE), bulk(client));
        }
    }
}
