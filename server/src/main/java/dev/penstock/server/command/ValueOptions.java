package dev.penstock.server.command;

import dev.penstock.server.keyspace.Keyspace;
import dev.penstock.server.keyspace.Keyspace.Condition;
import dev.penstock.server.resp.CommandError;
import dev.penstock.server.resp.Request;
import org.jspecify.annotations.Nullable;

/** The options after the value in SET and after the key in GETEX: condition, expiry and reply. */
final class ValueOptions {

    private Condition condition = Condition.ALWAYS;
    private boolean answersOld;
    private boolean keepsExpiry;
    private boolean persists;
    private @Nullable ExpiryForm form;
    private int formArgument;

    private ValueOptions() {}

    static ValueOptions ofSet(Request request) {
        ValueOptions options = new ValueOptions();
        for (int i = 3; i < request.count(); i++) {
            if (request.is(i, "nx") && options.condition != Condition.IF_PRESENT) {
                options.condition = Condition.IF_ABSENT;
            } else if (request.is(i, "xx") && options.condition != Condition.IF_ABSENT) {
                options.condition = Condition.IF_PRESENT;
            } else if (request.is(i, "get")) {
                options.answersOld = true;
            } else if (request.is(i, "keepttl") && options.form == null) {
                options.keepsExpiry = true;
            } else {
                options.expiry(request, i++);
            }
        }
        return options;
    }

    static ValueOptions ofGetEx(Request request) {
        ValueOptions options = new ValueOptions();
        for (int i = 2; i < request.count(); i++) {
            if (request.is(i, "persist") && options.form == null) {
                options.persists = true;
            } else {
                options.expiry(request, i++);
            }
        }
        return options;
    }

    /** One form only, though it may be given again. */
    private void expiry(Request request, int index) {
        ExpiryForm named = ExpiryForm.named(request, index);
        boolean fits = named != null && (form == null || form == named) && !keepsExpiry && !persists;
        if (!fits || index + 1 == request.count()) {
            throw CommandError.syntax();
        }
        form = named;
        formArgument = index + 1;
    }

    Condition condition() {
        return condition;
    }

    /** Whether the reply is the value before. */
    boolean answersOld() {
        return answersOld;
    }

    boolean keepsExpiry() {
        return keepsExpiry;
    }

    boolean persists() {
        return persists;
    }

    boolean expires() {
        return form != null;
    }

    /** {@link Keyspace#NO_EXPIRY} if the options have none. */
    long expiryMillis(Request request, long nowMillis, String command) {
        return form == null ? Keyspace.NO_EXPIRY : form.expiryMillis(request, formArgument, nowMillis, command);
    }
}
