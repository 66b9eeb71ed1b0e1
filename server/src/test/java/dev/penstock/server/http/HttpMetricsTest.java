package dev.penstock.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.RespClient;
import dev.penstock.server.ServerOptions;
import dev.penstock.server.TestServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients of HTTP move is counted apart, and in the sums. */
class HttpMetricsTest {

    private static final int LENGTH = 2 << 20;

    @Test
    void valuesByHttpAreCountedApart(@TempDir Path directory) throws IOException {
        try (TestServer server =
                        new TestServer(directory, ServerOptions.defaults().withHttpPort(0));
                RespClient redis = server.client();
                HttpTestClient http =
                        new HttpTestClient(server.server().httpPort().orElseThrow())) {
            redis.call("SET", "r", "x".repeat(LENGTH));
            redis.call("GET", "r");
            assertEquals(201, http.send("PUT", "/h", new byte[LENGTH]).status());
            http.write("PUT /c HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n200000\r\n");
            http.write(new byte[LENGTH]);
            http.write("\r\n0\r\n\r\n");
            assertEquals(201, http.response().status());
            assertEquals(LENGTH, http.send("GET", "/h").body().length);
            assertEquals(
                    206,
                    http.send("GET", "/h", "Range: bytes=0-299999,500000-999999")
                            .status());
            assertEquals(404, http.send("GET", "/absent").status());

            String info = redis.call("INFO", "penstock");
            long sent = LENGTH + 300_000L + 500_000L;
            assertEquals(5, figure(info, "http_requests"));
            assertEquals(1, figure(info, "http_errors"));
            assertEquals(3, figure(info, "http_sendfile_values_out"), info);
            assertEquals(sent, figure(info, "http_sendfile_bytes_out"));
            assertEquals(2, figure(info, "http_copy_values_in"));
            assertEquals(2 * LENGTH, figure(info, "http_copy_bytes_in"));
            assertEquals(sent + LENGTH + "$2097152\r\n\r\n".length(), figure(info, "transfer_sendfile_bytes_out"));
            assertEquals(3 * LENGTH, figure(info, "transfer_copy_bytes_in"));
            redis.call("CONFIG", "RESETSTAT");
            assertEquals(0, figure(redis.call("INFO", "penstock"), "http_copy_values_in"));
        }
    }

    private static long figure(String info, String name) {
        Matcher line = Pattern.compile("(?m)^" + name + ":(\\d+)$").matcher(info);
        assertTrue(line.find(), name + " in " + info);
        return Long.parseLong(line.group(1));
    }
}
