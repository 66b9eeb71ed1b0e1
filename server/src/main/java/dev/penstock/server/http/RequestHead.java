package dev.penstock.server.http;

import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/**
 * The head of a request: what it asks for, its header fields, and how its body is framed. Immutable.
 *
 * @param method in upper case as sent; methods are case-sensitive
 * @param isOldVersion whether it is of HTTP/1.0
 * @param bodyLength of a body of known length; {@link #CHUNKED} or {@link #NO_BODY} otherwise
 */
record RequestHead(String method, Target target, boolean isOldVersion, HttpHeaders fields, long bodyLength) {

    /** The body has a length that nobody knows before its end. */
    static final long CHUNKED = -1;

    /** Neither a length nor a transfer coding was given. */
    static final long NO_BODY = -2;

    /**
     * The value of a header field that a request has once, null if it is absent.
     *
     * @throws Problem if there are several: another program on the way may have gone by another one
     */
    @Nullable
    String field(CharSequence name) {
        var values = fields.getAll(name);
        if (values.size() > 1) {
            throw new Problem(Status.BAD_REQUEST, "a header field is there twice that a request has once: " + name);
        }
        return values.isEmpty() ? null : values.getFirst();
    }

    /** The values of all header fields of a name as one list, null if there is none. */
    @Nullable
    String list(CharSequence name) {
        var values = fields.getAll(name);
        return values.isEmpty() ? null : values.size() == 1 ? values.getFirst() : String.join(",", values);
    }

    boolean is(String name) {
        return method.equals(name);
    }
}
