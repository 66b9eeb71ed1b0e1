package dev.penstock.server.http;

import java.util.Collection;

/** What the HTTP services of all event loops share. Immutable; any thread. */
public final class HttpOptions {

    private final ContentTypes types = new ContentTypes();
    private final CrossOrigin origins;
    private final HostNames hosts;

    /**
     * Reads the table of content types.
     *
     * @param origin whose web pages may use the server; empty for none, an asterisk for all
     * @param bound names and addresses that the server listens on
     */
    public HttpOptions(String origin, Collection<String> bound) {
        this.origins = new CrossOrigin(origin);
        this.hosts = new HostNames(bound);
    }

    ContentTypes types() {
        return types;
    }

    CrossOrigin origins() {
        return origins;
    }

    HostNames hosts() {
        return hosts;
    }
}
