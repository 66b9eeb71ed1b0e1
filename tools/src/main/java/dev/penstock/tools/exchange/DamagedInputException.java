package dev.penstock.tools.exchange;

import java.io.IOException;

/** Input whose bytes are not what they should be; the message says where. */
public final class DamagedInputException extends IOException {

    private static final long serialVersionUID = 1L;

    DamagedInputException(String message, Throwable cause) {
        super(message, cause);
    }
}
