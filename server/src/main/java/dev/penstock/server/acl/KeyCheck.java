package dev.penstock.server.acl;

import dev.penstock.server.resp.Arguments;
import dev.penstock.server.resp.Glob;
import dev.penstock.server.resp.Request;
import dev.penstock.server.turn.Turn;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Compares the keys of a request with the patterns of a user, some of them per turn: a request may have any number of
 * keys, a user any number of patterns, and a key and a pattern of 64 KiB each take seconds. Belongs to the thread that
 * began it.
 */
public final class KeyCheck {

    private interface Keys {
        byte[] key(int index);
    }

    private static final KeyCheck PERMITTED = new KeyCheck(List.of(), index -> new byte[0], 0, -1, 1);

    private final List<Glob> patterns;
    private final Keys keys;
    private final int last;
    private final int step;
    private int next;
    private byte @Nullable [] key; // null between keys
    private int pattern;
    private Glob.@Nullable Match match; // null between patterns
    private boolean refused;

    private KeyCheck(List<Glob> patterns, Keys keys, int first, int last, int step) {
        this.patterns = patterns;
        this.keys = keys;
        this.next = first;
        this.last = last;
        this.step = step;
    }

    /** A check that is decided already: there is no key, or all keys are the user's. */
    public static KeyCheck permitted() {
        return PERMITTED;
    }

    /** A check of all keys that a request names. The request stays whole until the check is done. */
    static KeyCheck of(List<Glob> patterns, RestrictedCommand command, Request request) {
        return new KeyCheck(
                patterns,
                index -> Arguments.keyCopy(request, index),
                command.firstKey(),
                command.lastKey(request.count()),
                command.keyStep());
    }

    /** A check of one key. */
    static KeyCheck of(List<Glob> patterns, byte[] key) {
        return new KeyCheck(patterns, index -> key, 0, 0, 1);
    }

    /**
     * Goes on until the turn is over.
     *
     * @return whether it is decided
     * @throws dev.penstock.server.resp.CommandError if a key is too long for a store, before it is copied and compared
     */
    public boolean goOn(Turn turn) {
        while (!refused && next <= last) {
            if (turn.isOver()) {
                return false;
            }
            compare(turn);
        }
        return true;
    }

    /** Compares the present key with one pattern, or with a part of it. */
    private void compare(Turn turn) {
        byte[] present = key;
        if (present == null) {
            present = keys.key(next);
            key = present;
            turn.spendBytes(present.length);
        }
        if (pattern == patterns.size()) {
            refused = true;
            return;
        }
        Glob.Match current = match;
        if (current == null) {
            current = patterns.get(pattern).match(present);
            match = current;
        }
        boolean compared = current.goOn();
        turn.spend(current.takeSteps());
        if (!compared) {
            return;
        }
        match = null;
        pattern++;
        if (current.isFound()) {
            pattern = 0;
            key = null;
            next += step;
        }
    }

    /** Whether all keys are the user's; known once {@link #goOn} has returned true. */
    public boolean isPermitted() {
        return !refused && next > last;
    }
}
