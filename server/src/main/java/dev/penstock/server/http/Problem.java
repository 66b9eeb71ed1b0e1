package dev.penstock.server.http;

import java.io.Serial;

/**
 * The reason why a request is refused, thrown to become its response. The text is written for clients: it names no
 * file, no class and no host. Without a stack trace, since clients cause it.
 */
final class Problem extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final Status status;
    private final String detail;
    private final String field;

    /** @param detail a sentence that says what is wrong and what to do, in ASCII without quotes */
    Problem(Status status, String detail) {
        this(status, detail, "");
    }

    /** @param field a header field of the response with its line end, such as {@code Allow: GET}; empty for none */
    Problem(Status status, String detail, String field) {
        super(detail, null, false, false);
        this.status = status;
        this.detail = detail;
        this.field = field;
    }

    static Problem noValue() {
        return new Problem(Status.NOT_FOUND, "there is no value under this key");
    }

    Status status() {
        return status;
    }

    String field() {
        return field;
    }

    /** The body of the response: application/problem+json (RFC 9457). */
    String toJson() {
        return "{\"title\":\"" + status.reason() + "\",\"status\":" + status.code() + ",\"detail\":\"" + detail
                + "\"}\n";
    }
}
