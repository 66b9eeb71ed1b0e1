package dev.penstock.tools.client;

import java.io.IOException;

/** The server answered a request with an error; the message is the server's. */
public final class RefusedException extends IOException {

    private static final long serialVersionUID = 1L;

    RefusedException(String message) {
        super(message);
    }
}
