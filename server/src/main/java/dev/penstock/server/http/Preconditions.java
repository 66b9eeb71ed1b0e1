package dev.penstock.server.http;

import dev.penstock.store.ValueView;
import dev.penstock.store.WriteOptions;
import io.netty.handler.codec.http.HttpHeaderNames;
import org.jspecify.annotations.Nullable;

/**
 * The conditions that a request puts on the current value of its key (RFC 9110, 13), by {@code If-Match} and {@code
 * If-None-Match}. There are no times of change, so the conditions on those are ignored.
 */
final class Preconditions {

    private static final String ANY = "*";

    private final @Nullable String match;
    private final @Nullable String noneMatch;

    private Preconditions(@Nullable String match, @Nullable String noneMatch) {
        this.match = match;
        this.noneMatch = noneMatch;
    }

    static Preconditions of(RequestHead head) {
        return new Preconditions(head.list(HttpHeaderNames.IF_MATCH), head.list(HttpHeaderNames.IF_NONE_MATCH));
    }

    /** What is thrown, and answered, when another writer was faster. */
    static Problem failed() {
        return new Problem(Status.PRECONDITION_FAILED, "the value of the key is not the one that the request expects");
    }

    /**
     * Returns whether a client that reads has the value already.
     *
     * @throws Problem if a condition of the request does not hold
     */
    boolean isNotModified(ValueView current) {
        if (match != null && !match.strip().equals(ANY) && !EntityTag.isIn(match, EntityTag.of(current), false)) {
            throw failed();
        }
        return noneMatch != null
                && (noneMatch.strip().equals(ANY) || EntityTag.isIn(noneMatch, EntityTag.of(current), true));
    }

    /** Whether a write depends on the value that it replaces in a way that takes a look at it. */
    boolean compareTags() {
        return match != null && !match.strip().equals(ANY)
                || noneMatch != null && !noneMatch.strip().equals(ANY);
    }

    /**
     * Checks the conditions of a write.
     *
     * @param current null if the key is absent
     * @return options that have the store check again, in one step with the write
     * @throws Problem if a condition does not hold
     */
    WriteOptions check(@Nullable ValueView current) {
        if (match != null) {
            boolean holds = current != null
                    && (match.strip().equals(ANY) || EntityTag.isIn(match, EntityTag.of(current), false));
            if (!holds) {
                throw failed();
            }
        }
        if (noneMatch != null && current != null) {
            if (noneMatch.strip().equals(ANY) || EntityTag.isIn(noneMatch, EntityTag.of(current), true)) {
                throw failed();
            }
        }
        if (compareTags()) {
            return WriteOptions.defaults().ifVersion(current == null ? 0 : current.version());
        }
        if (noneMatch != null) {
            return WriteOptions.defaults().ifAbsent();
        }
        return match != null ? WriteOptions.defaults().ifPresent() : WriteOptions.defaults();
    }
}
