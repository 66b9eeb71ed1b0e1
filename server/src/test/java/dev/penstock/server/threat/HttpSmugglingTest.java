package dev.penstock.server.threat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.ServerOptions;
import dev.penstock.server.TestServer;
import dev.penstock.server.http.HttpTestClient;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Requests that two programs could read in two ways, each with another request behind it that only one of the two would
 * see. They get one error, the connection ends, and nothing is stored.
 *
 * <p>In the table a tilde is CR LF, a circumflex LF, a greater-than sign CR, and an at sign a zero byte. A less-than
 * sign is the rest of a sound request line with a host.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HttpSmugglingTest {

    private static final String SMUGGLED = "PUT /smuggled HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nhi";

    private TestServer server;

    @BeforeAll
    void start(@TempDir Path directory) throws IOException {
        server = new TestServer(directory, ServerOptions.defaults().withHttpPort(0));
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "both lengths                 | 400 | PUT /k <~Content-Length: 5~TE: chunked~~0~~",
                "both lengths, other order    | 400 | PUT /k <~TE: chunked~Content-Length: 5~~0~~",
                "two lengths                  | 400 | PUT /k <~Content-Length: 0~Content-Length: 5~~",
                "the same length twice        | 400 | PUT /k <~Content-Length: 0~Content-Length: 0~~",
                "a list of lengths            | 400 | PUT /k <~Content-Length: 0, 5~~",
                "a signed length              | 400 | PUT /k <~Content-Length: +0~~",
                "a hexadecimal length         | 400 | PUT /k <~Content-Length: 0x0~~",
                "a negative length            | 400 | PUT /k <~Content-Length: -5~~",
                "a length beyond 64 bits      | 413 | PUT /k <~Content-Length: 18446744073709551616~~",
                "both, one beyond 64 bits     | 400 | PUT /k <~TE: chunked~Content-Length: 18446744073709551616~~0~~",
                "a list with one beyond 64 bit | 400 | PUT /k <~Content-Length: 18446744073709551616, 0~~",
                "a long length and a letter   | 400 | PUT /k <~Content-Length: 18446744073709551616x~~",
                "an unknown coding            | 400 | PUT /k <~TE: xchunked~~0~~",
                "a coding before chunked      | 501 | PUT /k <~TE: gzip, chunked~~0~~",
                "chunked twice                | any | PUT /k <~TE: chunked~TE: chunked~~0~~",
                "a coding after chunked       | 400 | PUT /k <~TE: chunked, identity~~0~~",
                "chunked in the old version   | 400 | PUT /k HTTP/1.0~Host: x~TE: chunked~~0~~",
                "obs-fold                     | 400 | PUT /k <~TE:~ chunked~~0~~",
                "obs-fold by a tab            | 400 | GET /k <~A: b~\tContent-Length: 5~~",
                "bare LF                      | 400 | GET /k <^A: b~~",
                "only bare LFs                | 400 | GET /k HTTP/1.1^Host: x^^",
                "a bare CR in a value         | 400 | GET /k <~A: b>Content-Length: 5~~",
                "space before the colon       | 400 | PUT /k <~Content-Length : 5~~",
                "space before the first field | 400 | GET /k HTTP/1.1~ Host: x~~",
                "no colon                     | 400 | GET /k <~Content-Length~~",
                "no name                      | 400 | GET /k <~: 5~~",
                "a bad character in a name    | 400 | GET /k <~Content(Length: 5~~",
                "a zero byte                  | 400 | GET /k <~A: @~~",
                "no version                   | 400 | GET /k~Host: x~~",
                "version 0.9                  | 400 | GET /~~",
                "version 1.9                  | 505 | GET /k HTTP/1.9~Host: x~~",
                "version 2.0                  | 505 | GET /k HTTP/2.0~Host: x~~",
                "another protocol             | 400 | GET /k FTP/1.1~Host: x~~",
                "two spaces                   | 400 | GET  /k <~~",
                "a space at the end           | 400 | GET /k HTTP/1.1 ~Host: x~~",
                "tabs for spaces              | 400 | GET\t/k\t<~~",
                "a space in the target        | 400 | GET /a k <~~",
                "a fragment in the target     | 400 | GET /k#x <~~",
                "a relative target            | 400 | GET k <~~",
                "a bad percent sign           | 400 | GET /%4 <~~",
                "no host                      | 400 | GET /k HTTP/1.1~~",
                "two hosts                    | 400 | GET /k <~Host: y~~",
                "a chunk that is no number    | 400 | PUT /k <~TE: chunked~~xyz~abc~0~~",
                "a chunk with 0x              | 400 | PUT /k <~TE: chunked~~0x3~abc~0~~",
                "a negative chunk             | 400 | PUT /k <~TE: chunked~~-1~abc~0~~",
                "a space after the size       | 400 | PUT /k <~TE: chunked~~3 ~abc~0~~",
                "a huge chunk                 | 400 | PUT /k <~TE: chunked~~fffffffffffffffff~abc~0~~",
                "a chunk ended by LF          | 400 | PUT /k <~TE: chunked~~3^abc~0~~",
                "an extension ended by LF     | 400 | PUT /k <~TE: chunked~~3;a^abc~0~~",
                "no CR LF behind a chunk      | 400 | PUT /k <~TE: chunked~~3~abc0~~",
                "junk behind a chunk          | 400 | PUT /k <~TE: chunked~~3~abcXX0~~",
                "a chunk shorter than it says | 400 | PUT /k <~TE: chunked~~9~abc~0~~",
                "a fold in a trailer          | 400 | PUT /k <~TE: chunked~~3~abc~0~A: b~ c~~"
            })
    void oneErrorAndTheConnectionEnds(String threat, String status, String request) throws IOException {
        String bytes = request.replace("<", "HTTP/1.1~Host: localhost")
                .replace("TE:", "Transfer-Encoding:")
                .replace("~", "\r\n")
                .replace('^', '\n')
                .replace('>', '\r')
                .replace('@', '\0');
        try (HttpTestClient client =
                new HttpTestClient(server.server().httpPort().orElseThrow())) {
            client.write(bytes + SMUGGLED);
            HttpTestClient.Response response = client.response();
            if (!status.equals("any")) {
                assertEquals(Integer.parseInt(status), response.status(), response.text());
            }
            assertTrue(response.status() >= 400, response.text());
            assertEquals("close", response.field("connection"));
            assertTrue(client.isEnded(), "it goes on");
        }
        assertNull(server.store().getBytes("smuggled".getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
        assertEquals(0, server.store().count());
    }
}
