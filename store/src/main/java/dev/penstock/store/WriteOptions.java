package dev.penstock.store;

import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.segment.Expiry;
import dev.penstock.store.internal.write.Precondition;
import dev.penstock.store.internal.write.Writer;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Options of a write: its expiry, a condition on the key's current value, and its durability. Start from {@link
 * #defaults()} and add what differs:
 *
 * <pre>{@code
 * WriteOptions session = WriteOptions.defaults().expiresIn(Duration.ofMinutes(30)).ifAbsent();
 * boolean created = store.put(key, value, session);
 * }</pre>
 *
 * <p>Options can have one expiry ({@code expiresAt}, {@code expiresIn} or {@code keepExpiry}), one condition
 * ({@code ifAbsent}, {@code ifPresent}, {@code ifVersion} or {@code ifValue}) and one durability. Adding a
 * second one of a kind throws {@link IllegalStateException}. If the condition does not hold, nothing is written and the
 * write returns false.
 *
 * <p>Immutable and thread-safe: each method returns new options. Create them once and reuse them; a write allocates
 * nothing for its options.
 */
public final class WriteOptions {

    private static final long EARLIEST_EXPIRY = 1;

    private static final WriteOptions DEFAULTS =
            new WriteOptions(ExpiryKind.NEVER, RecordLayout.NO_EXPIRY, Condition.NONE, Precondition.NONE, null);

    private enum ExpiryKind {
        NEVER(""),
        AT("expiresAt"),
        IN("expiresIn"),
        KEPT("keepExpiry");

        final String method;

        ExpiryKind(String method) {
            this.method = method;
        }
    }

    private enum Condition {
        NONE(""),
        ABSENT("ifAbsent"),
        PRESENT("ifPresent"),
        VERSION("ifVersion"),
        VALUE("ifValue");

        final String method;

        Condition(String method) {
            this.method = method;
        }
    }

    private final ExpiryKind expiryKind;
    /** Of the epoch; from the write on, if the kind is {@link ExpiryKind#IN}. */
    private final long expiryMillis;

    private final Condition condition;
    private final Precondition precondition;
    /** Null for that of the store. */
    private final @Nullable Durability durability;

    private WriteOptions(
            ExpiryKind expiryKind,
            long expiryMillis,
            Condition condition,
            Precondition precondition,
            @Nullable Durability durability) {
        this.expiryKind = expiryKind;
        this.expiryMillis = expiryMillis;
        this.condition = condition;
        this.precondition = precondition;
        this.durability = durability;
    }

    /**
     * Returns options without expiry or condition, with the durability of the store.
     *
     * @return the default options
     */
    public static WriteOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Lets the value expire at an instant. If that has passed when the value is written, the key becomes absent.
     *
     * @param instant rounded down to the millisecond; one that is not after the epoch counts as its first millisecond
     * @return the changed options
     * @throws IllegalStateException if the options have an expiry already
     */
    public WriteOptions expiresAt(Instant instant) {
        return expiry(ExpiryKind.AT, expiryMillis(instant));
    }

    /**
     * Lets the value expire a duration after it is written, by the clock of the store. For a streamed value or a batch,
     * the time runs from the commit.
     *
     * @param duration rounded up to the millisecond; if it is zero or negative, the key is absent after the write
     * @return the changed options
     * @throws IllegalStateException if the options have an expiry already
     */
    public WriteOptions expiresIn(Duration duration) {
        return expiry(ExpiryKind.IN, millis(duration));
    }

    /**
     * Keeps the expiry of the replaced value. If the key is absent, the new value never expires. A {@link WriteBatch}
     * does not accept this option.
     *
     * @return the changed options
     * @throws IllegalStateException if the options have an expiry already, or require the key to be absent
     */
    public WriteOptions keepExpiry() {
        checkNothingIsKeptOfNothing(ExpiryKind.KEPT, condition);
        return expiry(ExpiryKind.KEPT, Writer.KEEP_EXPIRY);
    }

    /**
     * Requires the key to be absent.
     *
     * @return the changed options
     * @throws IllegalStateException if the options have a condition already, or keep an expiry
     */
    public WriteOptions ifAbsent() {
        return condition(Condition.ABSENT, Precondition.ABSENT);
    }

    /**
     * Requires the key to be present.
     *
     * @return the changed options
     * @throws IllegalStateException if the options have a condition already
     */
    public WriteOptions ifPresent() {
        return condition(Condition.PRESENT, Precondition.PRESENT);
    }

    /**
     * Requires the key's current value to have a version.
     *
     * @param version as returned by {@link ValueView#version}; 0 if the key must be absent
     * @return the changed options
     * @throws IllegalArgumentException if the version is negative
     * @throws IllegalStateException if the options have a condition already
     */
    public WriteOptions ifVersion(long version) {
        return condition(Condition.VERSION, Precondition.sequence(checkVersion(version)));
    }

    /**
     * Requires the key's current value to have exactly these bytes. The condition never holds for an absent key.
     *
     * @param expected the bytes, which are copied
     * @return the changed options
     * @throws IllegalStateException if the options have a condition already
     */
    public WriteOptions ifValue(byte[] expected) {
        return condition(Condition.VALUE, Precondition.value(MemorySegment.ofArray(expected.clone())));
    }

    /**
     * Overrides the durability of the store for this write.
     *
     * @param required {@link Durability#ALWAYS} to return when the write is on the device; any other does not wait
     * @return the changed options
     * @throws IllegalStateException if the options have a durability already
     */
    public WriteOptions durability(Durability required) {
        Objects.requireNonNull(required, "durability");
        if (durability != null) {
            throw new IllegalStateException("the options have durability(" + durability + ") already");
        }
        return new WriteOptions(expiryKind, expiryMillis, condition, precondition, required);
    }

    private WriteOptions expiry(ExpiryKind kind, long millis) {
        if (expiryKind != ExpiryKind.NEVER) {
            throw new IllegalStateException(kind.method + " contradicts " + expiryKind.method
                    + ", which the options have already; start from WriteOptions.defaults()");
        }
        return new WriteOptions(kind, millis, condition, precondition, durability);
    }

    private WriteOptions condition(Condition kind, Precondition holds) {
        if (condition != Condition.NONE) {
            throw new IllegalStateException(kind.method + " contradicts " + condition.method
                    + ", which the options have already; start from WriteOptions.defaults()");
        }
        checkNothingIsKeptOfNothing(expiryKind, kind);
        return new WriteOptions(expiryKind, expiryMillis, kind, holds, durability);
    }

    private static void checkNothingIsKeptOfNothing(ExpiryKind expiryKind, Condition condition) {
        if (expiryKind == ExpiryKind.KEPT && condition == Condition.ABSENT) {
            throw new IllegalStateException("keepExpiry contradicts ifAbsent: an absent key has no expiry to keep");
        }
    }

    static long checkVersion(long version) {
        if (version < 0) {
            throw new IllegalArgumentException("a version is 0 for an absent key or positive, not " + version);
        }
        return version;
    }

    /** The millisecond of an instant, or the nearest one that is a valid expiry. */
    static long expiryMillis(Instant instant) {
        try {
            return Math.max(EARLIEST_EXPIRY, instant.toEpochMilli());
        } catch (ArithmeticException e) {
            return instant.isAfter(Instant.EPOCH) ? Long.MAX_VALUE : EARLIEST_EXPIRY;
        }
    }

    private static long millis(Duration duration) {
        try {
            long millis = duration.toMillis();
            return duration.isPositive() && duration.compareTo(Duration.ofMillis(millis)) > 0
                    ? Math.addExact(millis, 1)
                    : millis;
        } catch (ArithmeticException e) {
            return duration.isPositive() ? Long.MAX_VALUE : Long.MIN_VALUE;
        }
    }

    // --- for the store ---

    /** The expiry of a write that is made now, {@link RecordLayout#NO_EXPIRY} or {@link Writer#KEEP_EXPIRY}. */
    long expiryMillis(Expiry clock) {
        return expiryKind == ExpiryKind.IN ? clock.after(expiryMillis) : expiryMillis;
    }

    /** Of the epoch, or from the write on if the expiry is {@linkplain #isRelative() relative}. */
    long expiryMillis() {
        return expiryMillis;
    }

    boolean isRelative() {
        return expiryKind == ExpiryKind.IN;
    }

    Precondition precondition() {
        return precondition;
    }

    boolean isConditional() {
        return condition != Condition.NONE;
    }

    Durability durabilityOr(Durability ofStore) {
        return durability == null ? ofStore : durability;
    }

    /** Rejects options that have no meaning for a write without a value, or that it can never satisfy. */
    void checkForKeyOnly(String write) {
        if (expiryKind != ExpiryKind.NEVER) {
            throw new IllegalArgumentException(write + " takes no options with " + expiryKind.method);
        }
        if (condition == Condition.ABSENT) {
            throw new IllegalArgumentException(
                    write + " takes no options with ifAbsent: it needs a key that is present");
        }
    }

    /** Rejects options that a single change of a batch cannot have. */
    void checkForBatch() {
        if (expiryKind == ExpiryKind.KEPT) {
            throw new IllegalArgumentException("a batch takes no options with keepExpiry; read the expiry, give it by"
                    + " expiresAt, and add ifVersion");
        }
        if (durability != null) {
            throw new IllegalArgumentException("a change in a batch takes no options with durability; give it to"
                    + " Store.write for the whole batch");
        }
    }

    /** As in {@code WriteOptions(expiresIn=1000 ms, ifAbsent, durability=ALWAYS)}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("WriteOptions(");
        String separator = "";
        if (expiryKind != ExpiryKind.NEVER) {
            text.append(expiryKind.method);
            if (expiryKind != ExpiryKind.KEPT) {
                text.append('=')
                        .append(
                                expiryKind == ExpiryKind.IN
                                        ? expiryMillis + " ms"
                                        : Instant.ofEpochMilli(expiryMillis));
            }
            separator = ", ";
        }
        if (condition != Condition.NONE) {
            text.append(separator).append(condition.method);
            separator = ", ";
        }
        if (durability != null) {
            text.append(separator).append("durability=").append(durability);
        }
        return text.append(')').toString();
    }
}
