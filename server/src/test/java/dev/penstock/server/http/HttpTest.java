package dev.penstock.server.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.RespClient;
import dev.penstock.server.ServerOptions;
import dev.penstock.server.TestServer;
import dev.penstock.server.http.HttpTestClient.Response;
import dev.penstock.store.Store;
import dev.penstock.store.WriteOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the methods do, as RFC 9110 has it. */
class HttpTest {

    @TempDir
    Path directory;

    private TestServer server;
    private HttpTestClient client;

    @BeforeEach
    void connect() throws IOException {
        server = new TestServer(directory, ServerOptions.defaults().withHttpPort(0));
        client = new HttpTestClient(server.server().httpPort().orElseThrow());
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        server.close();
    }

    private Store store() {
        return server.store();
    }

    private static byte[] value(int length) {
        byte[] value = new byte[length];
        new Random(length).nextBytes(value);
        return value;
    }

    // The lengths are on both sides of the limits for copies, for bodies that are streamed, and for large values.
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 32_767, 131_072, 1_048_575, 1_048_576, 5_000_000})
    void whatIsPutIsGot(int length) throws IOException {
        byte[] value = value(length);
        assertEquals(201, client.send("PUT", "/k", value).status());
        assertArrayEquals(value, store().getBytes(new byte[] {'k'}));
        Response got = client.send("GET", "/k");
        assertEquals(200, got.status());
        assertArrayEquals(value, got.body());
        Response head = client.send("HEAD", "/k");
        assertEquals(Integer.toString(length), head.field("content-length"));
        assertEquals(got.field("etag"), head.field("etag"));
        assertEquals(204, client.send("PUT", "/k", value(7)).status());
        assertEquals(204, client.send("DELETE", "/k").status());
        assertEquals(404, client.send("GET", "/k").status());
        assertEquals(404, client.send("DELETE", "/k").status());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 100_000, 1_048_576, 5_000_000})
    void aBodyInChunksIsPut(int length) throws IOException {
        byte[] value = value(length);
        client.write("PUT /k HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
        int chunk = 1;
        for (int from = 0; from < length; from += chunk, chunk = chunk * 3 % 100_003) {
            int end = Math.min(length, from + chunk);
            client.write(Integer.toHexString(end - from) + "\r\n");
            client.write(Arrays.copyOfRange(value, from, end));
            client.write("\r\n");
        }
        client.write("0\r\nTrailer: x\r\n\r\nGET /k HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assertEquals(201, client.response().status());
        assertArrayEquals(value, client.response().body());
    }

    @Test
    void keysAreBytes() throws IOException {
        for (String target : new String[] {"/a/../b", "//a", "/%00%ff%2f", "/a%20b", "/.", "/k?x=1&y"}) {
            store().clear();
            String path = target.split("\\?", -1)[0];
            assertEquals(201, client.send("PUT", path, value(3)).status(), target);
            assertArrayEquals(value(3), client.send("GET", target).body(), target);
        }
        store().put(new byte[] {0, (byte) 0xff, '/'}, value(5));
        assertArrayEquals(value(5), client.send("GET", "/%00%ff%2F").body());
        assertEquals(400, client.send("PUT", "/", value(1)).status());
        assertEquals(404, client.send("GET", "/").status());
    }

    @Test
    void requestsThatArriveTogetherAreAnsweredInOrder() throws IOException {
        store().put("big".getBytes(ISO_8859_1), value(300_000));
        String get = " HTTP/1.1\r\nHost: localhost\r\n\r\n";
        client.write("PUT /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nhi" + "\r\nGET /a" + get
                + "GET /big" + get + "GET /nothing" + get + "HEAD /big"
                + get.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
        assertEquals(201, client.response().status());
        assertEquals("hi", client.response().text());
        assertArrayEquals(value(300_000), client.response().body());
        Response missing = client.response();
        assertEquals(404, missing.status());
        assertEquals("application/problem+json", missing.field("content-type"));
        client.write("");
        assertTrue(missing.text().contains("\"status\":404"), missing.text());
    }

    @Test
    void aClientOfTheOldVersionIsAnsweredAndLeft() throws IOException {
        store().put(new byte[] {'k'}, value(4));
        client.write("GET /k HTTP/1.0\r\n\r\n");
        assertArrayEquals(value(4), client.response().body());
        assertTrue(client.isEnded());
    }

    @Test
    void theTagTellsValuesApart() throws IOException {
        client.send("PUT", "/k", value(10));
        String tag = client.send("HEAD", "/k").field("etag");
        Response same = client.send("GET", "/k", "If-None-Match: \"x\", W/" + tag);
        assertEquals(304, same.status());
        assertEquals(tag, same.field("etag"));
        assertEquals(200, client.send("GET", "/k", "If-Match: " + tag).status());
        assertEquals(412, client.send("GET", "/k", "If-Match: W/" + tag).status());
        assertEquals(
                412, client.send("PUT", "/k", value(11), "If-None-Match: *").status());
        assertEquals(412, client.send("PUT", "/k", value(11), "If-Match: \"x\"").status());
        assertEquals(412, client.send("DELETE", "/k", "If-Match: \"x\"").status());
        assertEquals(
                204, client.send("PUT", "/k", value(10), "If-Match: " + tag).status());
        assertNotEquals(tag, client.send("HEAD", "/k").field("etag"));
        assertEquals(412, client.send("PUT", "/new", value(1), "If-Match: *").status());
        assertEquals(
                201, client.send("PUT", "/new", value(1), "If-None-Match: *").status());
        assertEquals(
                412, client.send("PUT", "/big", value(900_000), "If-Match: *").status());
        assertEquals(400, client.send("GET", "/k", "If-None-Match: x").status());
    }

    @ParameterizedTest
    @CsvSource({
        "bytes=0-4, 0, 5",
        "bytes=5-, 5, 399995",
        "bytes=-3, 399997, 3",
        "bytes=-999999, 0, 400000",
        "bytes=399999-500000, 399999, 1",
        "'bytes=0-9,5-12', 0, 13",
        "'bytes=1-2, 900000-', 1, 2"
    })
    void aRangeIsAPart(String range, int from, int length) throws IOException {
        byte[] value = value(400_000);
        store().put(new byte[] {'k'}, value);
        Response part = client.send("GET", "/k", "Range: " + range);
        assertEquals(206, part.status());
        assertEquals("bytes " + from + "-" + (from + length - 1) + "/400000", part.field("content-range"));
        assertArrayEquals(Arrays.copyOfRange(value, from, from + length), part.body());
    }

    @Test
    void severalRangesAreSeveralParts() throws IOException {
        byte[] value = value(400_000);
        store().put("k.txt".getBytes(ISO_8859_1), value);
        Response parts = client.send("GET", "/k.txt", "Range: bytes=10-19,200000-399999,0-0");
        assertEquals(206, parts.status());
        String type = parts.field("content-type");
        assertTrue(type.startsWith("multipart/byteranges; boundary="), type);
        String boundary = type.substring(type.indexOf('=') + 1);
        StringBuilder expected = new StringBuilder();
        for (int[] range : new int[][] {{10, 19}, {200_000, 399_999}, {0, 0}}) {
            expected.append("\r\n--" + boundary + "\r\nContent-Type: text/plain\r\nContent-Range: bytes " + range[0]
                    + "-" + range[1] + "/400000\r\n\r\n");
            expected.append(new String(value, range[0], range[1] + 1 - range[0], ISO_8859_1));
        }
        assertEquals(expected + "\r\n--" + boundary + "--\r\n", parts.text());
    }

    @Test
    void rangesThatAreNotThereOrTooManyAreRefused() throws IOException {
        store().put(new byte[] {'k'}, value(100));
        Response none = client.send("GET", "/k", "Range: bytes=100-");
        assertEquals(416, none.status());
        assertEquals("bytes */100", none.field("content-range"));
        assertEquals(416, client.send("GET", "/k", "Range: bytes=-0").status());
        assertEquals(
                416,
                client.send("GET", "/k", "Range: bytes=" + "0-0,2-2,".repeat(20))
                        .status());
        assertEquals(200, client.send("GET", "/k", "Range: lines=1-2").status());
        assertEquals(200, client.send("GET", "/k", "Range: bytes=5-2").status());
        assertEquals(200, client.send("GET", "/k", "Range: bytes=x").status());
        assertEquals(
                200,
                client.send("GET", "/k", "Range: bytes=0-1", "If-Range: \"old\"")
                        .status());
        String tag = client.send("HEAD", "/k").field("etag");
        assertEquals(
                206,
                client.send("GET", "/k", "Range: bytes=0-1", "If-Range: " + tag).status());
        store().put(new byte[] {'e'}, value(0));
        assertEquals(416, client.send("GET", "/e", "Range: bytes=0-").status());
        assertEquals(416, client.send("GET", "/e", "Range: bytes=-5").status());
    }

    @Test
    void aValueExpires() throws IOException {
        assertEquals(201, client.send("PUT", "/k?ttl=100", value(3)).status());
        assertTrue(store().expiryOf(new byte[] {'k'}) != null);
        String control = client.send("GET", "/k").field("cache-control");
        assertTrue(control.matches("max-age=(99|100)"), control);
        client.send("PUT", "/k", value(3));
        assertNull(client.send("GET", "/k").field("cache-control"));
        for (String query :
                new String[] {"ttl=0", "ttl=-1", "ttl=x", "ttl=", "ttl=999999999999", "ttl=9999999999999999999", "tll=5"
                }) {
            assertEquals(400, client.send("PUT", "/k?" + query, value(3)).status(), query);
        }
    }

    /** RFC 3339 has no time beyond the year 9999; the Redis protocol sets any. */
    @Test
    void anExpiryHasAYearOfFourDigits() throws IOException {
        long left = Duration.between(Instant.now(), Instant.parse("9999-12-31T23:59:59Z"))
                .toSeconds();
        assertEquals(201, client.send("PUT", "/k?ttl=" + left, value(3)).status());
        Response refused = client.send("PUT", "/k?ttl=" + (left + 5), value(3));
        assertEquals(400, refused.status());
        assertTrue(refused.text().contains("not beyond the year 9999"), refused.text());
        assertTrue(client.send("GET", "/?list").text().contains("\"expires\":\"9999-12-31T23:5"));
        store().put(new byte[] {'k'}, value(3), WriteOptions.defaults().expiresAt(Instant.MAX));
        assertTrue(client.send("GET", "/?list").text().contains("\"expires\":\"9999-12-31T23:59:59.999Z\""));
    }

    @Test
    void aDigestThatDoesNotMatchStoresNothing() throws Exception {
        for (int length : new int[] {10, 3_000_000}) {
            byte[] value = value(length);
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(value);
            String right = "sha-256=:" + Base64.getEncoder().encodeToString(digest) + ":";
            digest[0]++;
            String wrong = "sha-256=:" + Base64.getEncoder().encodeToString(digest) + ":";
            assertEquals(
                    400,
                    client.send("PUT", "/k", value, "Content-Digest: " + wrong).status());
            assertEquals(
                    400,
                    client.send("PUT", "/k", value, "Repr-Digest: sha-512=:x:, " + wrong)
                            .status());
            assertEquals(404, client.send("GET", "/k").status());
            assertEquals(
                    201,
                    client.send("PUT", "/k", value, "Content-Digest: " + right).status());
            assertEquals(
                    204,
                    client.send("PUT", "/k", value, "Repr-Digest: md5=:x:, " + right)
                            .status());
            store().clear();
        }
        assertEquals(
                400,
                client.send("PUT", "/k", value(1), "Content-Digest: sha-256=abc")
                        .status());
    }

    @Test
    void aClientThatAsksFirstIsToldWhetherToSend() throws IOException {
        String put = "PUT /k HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2000000\r\n";
        client.write(put + "\r\n");
        assertEquals(100, client.response().status());
        client.write(value(2_000_000));
        assertEquals(201, client.response().status());
        client.write(put + "If-None-Match: *\r\n\r\n");
        Response refused = client.response();
        assertEquals(412, refused.status());
        assertEquals("close", refused.field("connection"));
        assertTrue(client.isEnded());
    }

    @Test
    void theKindOfAValueIsThatOfItsExtension() throws IOException {
        String[][] types = {
            {"a.html", "text/html"},
            {"b.HTML", "text/html"},
            {"dir.txt/c", "application/octet-stream"},
            {"film.mkv", "video/"},
            {"film.mp4", "video/mp4"},
            {"a.b/song.mp3", "audio/mpeg"},
            {"x.js", "text/javascript"},
            {"x.json", "application/json"},
            {"pic.svg", "image/svg+xml"},
            {"pic.webp", "image/webp"},
            {"x.woff2", "font/woff2"},
            {"x.wasm", "application/wasm"},
            {"none", "application/octet-stream"},
            {"odd.zzzz", "application/octet-stream"}
        };
        for (String[] row : types) {
            store().put(row[0].getBytes(UTF_8), value(1));
            Response got = client.send("GET", "/" + row[0]);
            assertTrue(got.field("content-type").startsWith(row[1]), row[0] + ": " + got.field("content-type"));
            assertEquals("nosniff", got.field("x-content-type-options"));
            boolean active = row[1].contains("html") || row[1].contains("svg");
            assertEquals(active ? "sandbox" : null, got.field("content-security-policy"), row[0]);
        }
    }

    @Test
    void whatCannotBeDoneSaysWhy() throws IOException {
        assertEquals(405, client.send("POST", "/k", value(0)).status());
        Response options = client.send("OPTIONS", "*");
        assertEquals(204, options.status());
        assertEquals("GET, HEAD, PUT, DELETE, OPTIONS", options.field("allow"));
        assertNull(options.field("access-control-allow-origin"));
        assertEquals(
                415,
                client.send("PUT", "/k", value(1), "Content-Encoding: gzip").status());
        assertEquals(
                400,
                client.send("PUT", "/k", value(1), "Content-Range: bytes 0-0/1").status());
        assertEquals(417, client.send("PUT", "/k", value(0), "Expect: tea").status());
        assertEquals(411, client.send("PUT", "/k").status());
    }

    /** With a length it is refused before the body is read; in chunks, when there are too many. */
    @Test
    void aValueLongerThanTheLimitIsRefusedAndStoresNothing() throws IOException {
        int limit = 1 << 20;
        try (RespClient settings = server.client()) {
            assertEquals("+OK\r\n", settings.call("CONFIG", "SET", "proto-max-bulk-len", Integer.toString(limit)));
        }
        assertEquals(201, client.send("PUT", "/longest", value(limit)).status());
        String put = "PUT /k HTTP/1.1\r\nHost: localhost\r\n";
        for (String head : new String[] {
            put + "Expect: 100-continue\r\nContent-Length: " + (limit + 1) + "\r\n\r\n",
            put + "Content-Length: 900000000000000000\r\n\r\n",
            put + "Content-Length: 1000000000000000000\r\n\r\n",
            put + "Content-Length: " + Long.MAX_VALUE + "\r\n\r\n",
            put + "Content-Length: 9223372036854775808\r\n\r\n",
            put + "Content-Length: " + "9".repeat(400) + "\r\n\r\n",
            put + "Transfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(limit + 1) + "\r\n"
        }) {
            try (HttpTestClient other =
                    new HttpTestClient(server.server().httpPort().orElseThrow())) {
                other.write(head);
                if (head.contains("chunked")) {
                    other.write(value(limit + 1));
                }
                Response refused = other.response();
                assertEquals(413, refused.status(), head);
                assertTrue(refused.text().contains("longer than proto-max-bulk-len"), refused.text());
                assertTrue(other.isEnded(), head);
            }
        }
        assertEquals(1, store().count());
    }

    @Test
    void keysAreListed() throws IOException {
        for (int i = 0; i < 2500; i++) {
            store().put(("key " + i).getBytes(ISO_8859_1), value(i % 50));
        }
        store().put("other".getBytes(ISO_8859_1), value(1));
        int found = 0;
        String cursor = "";
        do {
            Response page = client.send("GET", "/?list&prefix=key%20&limit=700&cursor=" + cursor);
            assertEquals(200, page.status());
            assertEquals("application/json", page.field("content-type"));
            found += page.text().split("\"key\":\"key%20[0-9]+\",\"length\":[0-9]+,\"version\":[0-9]+", -1).length - 1;
            assertTrue(!page.text().contains("other"), page.text());
            String end = page.text()
                    .substring(page.text().indexOf("\"cursor\":") + 9)
                    .strip();
            cursor = end.equals("null}") ? "" : end.substring(1, end.length() - 2);
        } while (!cursor.isEmpty());
        assertEquals(2500, found);
        assertEquals(400, client.send("GET", "/?list&limit=0").status());
        assertEquals(400, client.send("GET", "/?list&cursor=x").status());
    }
}
