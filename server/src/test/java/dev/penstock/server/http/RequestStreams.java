package dev.penstock.server.http;

import java.util.List;
import java.util.Random;

/** Generates what a client sends: requests one after another, some of them wrong, and then mutated. */
final class RequestStreams {

    /** In the body of each value. Nobody may take it for a request. */
    static final String SMUGGLED = "DELETE /canary HTTP/1.1\r\nHost: localhost\r\n\r\n";

    private static final List<String> METHODS =
            List.of("GET", "GET", "GET", "HEAD", "PUT", "PUT", "PUT", "DELETE", "OPTIONS", "POST", "get", "");
    private static final List<String> TARGETS = List.of(
            "/a",
            "/b.html",
            "/a",
            "/c%20%00%ff",
            "/?list&limit=3",
            "/?list&prefix=a",
            "/",
            "*",
            "/a?ttl=1000",
            "http://localhost/a",
            "//",
            "/../a",
            "/%",
            "/a b",
            "/a#b",
            "a");
    private static final List<String> VERSIONS = List.of(
            " HTTP/1.1",
            " HTTP/1.1",
            " HTTP/1.1",
            " HTTP/1.1",
            " HTTP/1.1",
            " HTTP/1.0",
            " HTTP/2.0",
            "  HTTP/1.1",
            "");
    private static final List<String> FIELDS = List.of(
            "Range: bytes=0-3",
            "Range: bytes=0-0,2-2,4-9",
            "Range: bytes=-1",
            "Range: bytes=99999999999999999999-",
            "If-Match: *",
            "If-None-Match: *",
            "If-None-Match: \"x\", W/\"y\"",
            "If-Range: \"x\"",
            "Expect: 100-continue",
            "Connection: keep-alive",
            "Connection: close",
            "Transfer-Encoding: chunked",
            "Transfer-Encoding: gzip, chunked",
            "Content-Length: 5",
            "Content-Length: +5",
            "Content-Length: 3000000",
            "Content-Length: 99999999999999999999",
            "Host: other.example",
            "Content-Digest: sha-256=:AAAA:",
            "Content-Encoding: gzip",
            "X-Long: " + "y".repeat(300),
            " folded",
            "Bad : x",
            "NoColon");
    private static final List<String> TOKENS = List.of(
            "\r",
            "\n",
            "\r\n",
            "\r\n\r\n",
            " ",
            "\t",
            ":",
            "0\r\n\r\n",
            "0\r\n",
            "ffffffff",
            ";",
            ",",
            "\0",
            "\u00ff",
            "HTTP/1.1",
            "Content-Length: 0\r\n",
            "Transfer-Encoding: chunked\r\n",
            "GET /a HTTP/1.1\r\n",
            "-",
            "%");

    private final Random random;

    RequestStreams(long seed) {
        random = new Random(seed);
    }

    /** Requests that are all sound and keep the connection; their bodies hold {@link #SMUGGLED}. */
    String sound(int count) {
        StringBuilder stream = new StringBuilder();
        for (int i = 0; i < count; i++) {
            String method =
                    List.of("GET", "HEAD", "PUT", "PUT", "DELETE", "OPTIONS").get(random.nextInt(6));
            String target =
                    List.of("/a", "/b.html", "/c%20%00%ff", "/d?ttl=1000").get(random.nextInt(4));
            if (random.nextInt(6) == 0) {
                stream.append("\r\n");
            }
            stream.append(method).append(' ').append(method.equals("PUT") ? target : target.split("\\?", 2)[0]);
            stream.append(" HTTP/1.1\r\nHost: localhost\r\n");
            if (random.nextInt(3) == 0) {
                stream.append("X-Other: ")
                        .append("z".repeat(random.nextInt(100)))
                        .append("\r\n");
            }
            if (method.equals("PUT")) {
                appendBody(stream);
            } else {
                stream.append("\r\n");
            }
        }
        return stream.toString();
    }

    /** Requests of which many are wrong in one way or another. */
    String any(int count) {
        StringBuilder stream = new StringBuilder();
        for (int i = 0; i < count; i++) {
            if (random.nextInt(3) > 0) {
                stream.append(sound(1));
                continue;
            }
            String method = one(METHODS);
            stream.append(method)
                    .append(' ')
                    .append(one(TARGETS))
                    .append(one(VERSIONS))
                    .append("\r\n");
            if (random.nextInt(10) > 0) {
                stream.append("Host: localhost\r\n");
            }
            for (int fields = random.nextInt(4); fields > 0; fields--) {
                stream.append(one(FIELDS)).append("\r\n");
            }
            if (random.nextInt(3) == 0) {
                appendBody(stream);
            } else {
                stream.append("\r\n");
            }
        }
        return stream.toString();
    }

    /** Another stream, with a few bytes changed, lost, repeated, moved or put in. */
    String mutated(String stream) {
        StringBuilder changed = new StringBuilder(stream);
        for (int changes = 1 + random.nextInt(4); changes > 0 && changed.length() > 20; changes--) {
            int at = random.nextInt(changed.length());
            int end = Math.min(changed.length(), at + 1 + random.nextInt(12));
            switch (random.nextInt(6)) {
                case 0 -> changed.setCharAt(at, (char) random.nextInt(256));
                case 1 -> changed.delete(at, end);
                case 2 -> changed.insert(at, changed.substring(at, end));
                case 3 -> changed.insert(random.nextInt(changed.length()), changed.substring(at, end));
                case 4 -> changed.insert(at, one(TOKENS));
                default -> changed.setLength(Math.max(1, at));
            }
        }
        return changed.toString();
    }

    /** Where a stream is cut, in ascending order; the last is its end. */
    int[] cuts(int length) {
        int[] cuts = random.ints(1 + random.nextInt(30), 1, length + 1)
                .sorted()
                .distinct()
                .toArray();
        cuts[cuts.length - 1] = length;
        return cuts;
    }

    private void appendBody(StringBuilder stream) {
        boolean isLarge = random.nextInt(50) == 0; // and goes into a file as it arrives
        String body = SMUGGLED + "x".repeat(isLarge ? 1_200_000 : random.nextInt(60));
        if (random.nextInt(8) == 0) {
            stream.append("Expect: 100-continue\r\n");
        }
        if (random.nextBoolean()) {
            stream.append("Content-Length: ")
                    .append(body.length())
                    .append("\r\n\r\n")
                    .append(body);
            return;
        }
        stream.append("Transfer-Encoding: chunked\r\n\r\n");
        for (int from = 0, end; from < body.length(); from = end) {
            end = Math.min(body.length(), from + 1 + random.nextInt(isLarge ? 300_000 : 50));
            stream.append(Integer.toHexString(end - from));
            stream.append(random.nextInt(4) == 0 ? ";n=\"v\"" : "").append("\r\n");
            stream.append(body, from, end).append("\r\n");
        }
        stream.append("0\r\n")
                .append(random.nextInt(4) == 0 ? "Trailer: t\r\n" : "")
                .append("\r\n");
    }

    private String one(List<String> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}
