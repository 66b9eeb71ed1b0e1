package dev.penstock.server.http;

/**
 * What web pages of another origin may do: nothing, unless an origin is configured. Then its pages may send requests
 * and read the responses (the CORS protocol of the Fetch standard). Immutable; any thread.
 */
final class CrossOrigin {

    private static final byte[] NOTHING = {};
    private static final byte[] PERMISSIONS = concatenated(
            ResponseHead.line("Access-Control-Allow-Methods", "GET, HEAD, PUT, DELETE"),
            ResponseHead.line(
                    "Access-Control-Allow-Headers",
                    "Authorization, Content-Digest, Content-Type, If-Match, If-None-Match, If-Range, Range,"
                            + " Repr-Digest"),
            ResponseHead.line("Access-Control-Max-Age", "600"));
    private static final byte[] EXPOSED =
            ResponseHead.line("Access-Control-Expose-Headers", "Accept-Ranges, Content-Range, ETag");

    private final byte[] fields;

    /** @param origin such as {@code https://example.org}, or an asterisk for all; empty for none */
    CrossOrigin(String origin) {
        if (origin.isEmpty()) {
            fields = NOTHING;
        } else {
            byte[] allowed = ResponseHead.line("Access-Control-Allow-Origin", origin);
            fields = concatenated(allowed, EXPOSED, origin.equals("*") ? NOTHING : ResponseHead.line("Vary", "Origin"));
        }
    }

    private static byte[] concatenated(byte[]... lines) {
        int length = 0;
        for (byte[] line : lines) {
            length += line.length;
        }
        byte[] all = new byte[length];
        int at = 0;
        for (byte[] line : lines) {
            System.arraycopy(line, 0, all, at, line.length);
            at += line.length;
        }
        return all;
    }

    /** Adds what every response says to web pages. */
    void addTo(ResponseHead head) {
        head.line(fields);
    }

    /** Adds what the answer to a preflight request says. */
    void addPermissionsTo(ResponseHead head) {
        if (fields.length > 0) {
            head.line(PERMISSIONS);
        }
    }
}
