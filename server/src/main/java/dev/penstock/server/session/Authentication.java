package dev.penstock.server.session;

import dev.penstock.server.acl.User;
import dev.penstock.server.metrics.IncidentLog.Kind;
import org.jspecify.annotations.Nullable;

/** Compares passwords, and sees to what a wrong one costs. One for each event loop, whose thread it belongs to. */
public final class Authentication {

    /** A digest, and what is around it. */
    private static final int DIGEST_STEPS = 20;

    private static final int DIGESTED_IN_STEP = 32;

    private final LoopContext loop;

    public Authentication(LoopContext loop) {
        this.loop = loop;
    }

    /**
     * Finds a user by name and password. A wrong password is counted and noted, and the client's reply comes late. One
     * guess is compared for each such delay, also in a transaction.
     *
     * @return null if there is no such user with this password
     */
    public @Nullable User authenticate(Session session, String name, byte[] guess) {
        if (session.isRefused()) {
            return null;
        }
        loop.turn().spend(DIGEST_STEPS + guess.length / DIGESTED_IN_STEP);
        User user = loop.server().users().authenticate(name, guess);
        if (user == null && loop.server().users().hasSecrets()) {
            loop.metrics().passwordRefused();
            session.refused();
            String text = "wrong password for " + loop.server().users().described(name) + " from "
                    + session.connection().remoteAddress();
            loop.incidents().note(Kind.WRONG_PASSWORD, loop.nowMillis(), text);
        }
        return user;
    }
}
