package dev.penstock.server.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The status port takes of a request what HTTP says it means, and takes nothing else for one. */
class StatusRequestTest {

    private static StatusRequest request(String... lines) {
        return StatusRequest.of(String.join("\r\n", lines) + "\r\n\r\n");
    }

    @Test
    void whatIsAskedForIsRead() {
        assertEquals(
                new StatusRequest(
                        "GET", "/metrics", "localhost:9121", List.of("text/plain", "*/*;q=0.1"), "Basic eA=="),
                request(
                        "GET /metrics?a=b HTTP/1.1",
                        "HOST:localhost:9121 ",
                        "accept: text/plain",
                        "Accept: */*;q=0.1",
                        "authorization: Basic eA==",
                        "Authorization: Basic other"));
    }

    @Test
    void anAbsoluteAddressCountsForMoreThanTheHostHeader() {
        assertEquals(
                new StatusRequest("HEAD", "/", "example.com", List.of(), null),
                request("HEAD http://example.com HTTP/1.1", "Host: localhost"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "GET",
                "GET /",
                "GET  / HTTP/1.1",
                "GET / HTTP/2.0",
                "G\u0001T / HTTP/1.1",
                "PING",
                "GET x HTTP/1.1"
            })
    void whatIsNoRequestIsTakenForNone(String line) {
        assertNull(request(line, "Host: localhost").method(), line);
    }

    @Test
    void theHeadEndsWithAnEmptyLine() {
        assertEquals(-1, StatusRequest.end("GET / HTTP/1.1\r\nHost: localhost\r\n"));
        assertEquals(18, StatusRequest.end("GET / HTTP/1.1\r\n\r\nrest"));
    }
}
