package dev.penstock.server.http;

import dev.penstock.server.session.LoopContext;
import dev.penstock.store.Key;
import dev.penstock.store.StoreException;
import dev.penstock.store.ValueView;
import dev.penstock.store.WriteOptions;
import dev.penstock.store.transfer.StoreTransfer;
import dev.penstock.store.transfer.ValueIntake;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * A request to store a value, from its head to the end of its body. Its conditions are checked before the body is taken
 * in, so that nothing is sent in vain, and again by the store in one step with the write.
 */
final class Put {

    private static final int ATTEMPTS = 16;
    private static final String TTL = "ttl";
    private static final String SECONDS = "[0-9]{1,12}";

    /** A time of RFC 3339 has four digits for the year. */
    static final Instant LAST_EXPIRY = Instant.parse("9999-12-31T23:59:59.999Z");

    private final HttpExchange exchange;
    private final LoopContext loop;
    private final Preconditions preconditions;
    private final long ttlSeconds; // 0 for a value that does not expire

    /** @throws Problem if the request makes no sense */
    Put(HttpExchange exchange, LoopContext loop) {
        this.exchange = exchange;
        this.loop = loop;
        this.preconditions = Preconditions.of(exchange.head());
        this.ttlSeconds = ttl(exchange.head().target(), loop.clock());
    }

    private static long ttl(Target target, InstantSource clock) {
        for (String name : target.query().keySet()) {
            if (!name.equals(TTL)) {
                throw new Problem(Status.BAD_REQUEST, "the only parameter of PUT is ttl");
            }
        }
        String text = target.query().get(TTL);
        if (text == null) {
            return 0;
        }
        long seconds = text.matches(SECONDS) ? Long.parseLong(text) : 0;
        if (seconds == 0 || clock.instant().plusSeconds(seconds).isAfter(LAST_EXPIRY)) {
            throw new Problem(
                    Status.BAD_REQUEST, "ttl is a number of seconds, at least 1, and not beyond the year 9999");
        }
        return seconds;
    }

    /** @throws Problem if a condition does not hold now */
    void checkConditions() {
        options();
    }

    /** Options for a write that has the conditions of the request. */
    private Conditioned options() {
        ValueView view = new ValueView();
        boolean present = StoreTransfer.of(loop.store()).locate(Key.of(exchange.key()), view);
        try (view) {
            return new Conditioned(preconditions.check(present ? view : null), present);
        }
    }

    /** @param replaces whether there is a value before the write */
    private record Conditioned(WriteOptions options, boolean replaces) {}

    /**
     * What the response says.
     *
     * @param tag of the stored value; null if it is not the value of the key any more, or cannot be read
     */
    record Stored(Status status, @Nullable String tag) {}

    /** Stores the body. */
    Stored store(Body body) {
        body.verify();
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Conditioned now = options();
            WriteOptions options = now.options;
            if (ttlSeconds > 0) {
                Instant expiry = Instant.ofEpochMilli(loop.clock().millis()).plusSeconds(ttlSeconds);
                options = options.expiresAt(expiry);
            }
            long version = body.store(loop.store(), exchange.key(), options);
            if (version != ValueIntake.NOT_STORED) {
                return new Stored(now.replaces ? Status.NO_CONTENT : Status.CREATED, tag(version));
            }
            if (!body.isRepeatable()) {
                break;
            }
        }
        throw Preconditions.failed();
    }

    /**
     * Null if another writer has replaced what has this version. The write is done, so a failure to read it, such as
     * that of a store that was closed since, is not the failure of the request.
     */
    private @Nullable String tag(long version) {
        try (ValueView view = new ValueView()) {
            boolean present = StoreTransfer.of(loop.store()).locate(Key.of(exchange.key()), view);
            return present && view.version() == version ? EntityTag.of(view) : null;
        } catch (StoreException unreadable) {
            return null;
        }
    }
}
