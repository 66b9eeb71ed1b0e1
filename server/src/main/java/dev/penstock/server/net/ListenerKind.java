package dev.penstock.server.net;

/** The kinds of listening sockets: what clients speak there. */
enum ListenerKind {
    REDIS(false, false),
    REDIS_TLS(false, true),
    HTTP(true, false),
    HTTPS(true, true);

    private final boolean http;
    private final boolean secure;

    ListenerKind(boolean http, boolean secure) {
        this.http = http;
        this.secure = secure;
    }

    boolean isHttp() {
        return http;
    }

    /** Whether what they speak is encrypted. */
    boolean isSecure() {
        return secure;
    }
}
