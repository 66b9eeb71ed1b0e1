package dev.penstock.server.command;

import dev.penstock.server.resp.Arguments;
import dev.penstock.server.resp.CommandError;
import dev.penstock.server.resp.Request;
import org.jspecify.annotations.Nullable;

/** The forms of an expiry in an option. */
enum ExpiryForm {
    EX("ex", 1000, true),
    PX("px", 1, true),
    EXAT("exat", 1000, false),
    PXAT("pxat", 1, false);

    private final String option;
    private final long unitMillis;
    private final boolean fromNow;

    ExpiryForm(String option, long unitMillis, boolean fromNow) {
        this.option = option;
        this.unitMillis = unitMillis;
        this.fromNow = fromNow;
    }

    /** The form that an argument names, or null. */
    static @Nullable ExpiryForm named(Request request, int index) {
        for (ExpiryForm form : values()) {
            if (request.is(index, form.option)) {
                return form;
            }
        }
        return null;
    }

    /** The expiry that the number in an argument stands for, which must lie after the beginning of 1970. */
    long expiryMillis(Request request, int index, long nowMillis, String command) {
        long number = Arguments.integer(request, index);
        if (number <= 0 || number > Long.MAX_VALUE / unitMillis) {
            throw CommandError.invalidExpiry(command);
        }
        long millis = number * unitMillis + (fromNow ? nowMillis : 0);
        if (millis < 0) {
            throw CommandError.invalidExpiry(command);
        }
        return millis;
    }
}
