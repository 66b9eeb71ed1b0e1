package dev.penstock.server.status;

import dev.penstock.server.acl.User;
import dev.penstock.server.acl.Users;
import dev.penstock.server.command.Commands;
import dev.penstock.server.http.HostNames;
import dev.penstock.server.metrics.IncidentLog.Kind;
import dev.penstock.server.session.Dispatcher;
import dev.penstock.server.session.LoopContext;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Decides who sees metrics and the status page. Clients of this machine need no password. Others need one if the server
 * has one, and the right to the command that tells the same: {@code INFO} for metrics, {@code CLIENT LIST} in addition
 * for the page. Where no password is needed, the request must be for a name that no attacker can own; see {@link
 * HostNames}. The status server's thread only.
 */
final class StatusAccess {

    /** A decision. */
    enum Verdict {
        ALLOWED,
        /** There is nobody by this name at this address. */
        WRONG_HOST,
        NO_CREDENTIALS,
        /** The answer is to come late. */
        WRONG_CREDENTIALS,
        NO_RIGHT
    }

    private static final String BASIC = "basic ";
    private static final String BEARER = "bearer ";

    private final LoopContext loop;
    private final HostNames hosts;
    private @Nullable Dispatcher commands; // null until a client had to show a right

    StatusAccess(LoopContext loop, HostNames hosts) {
        this.loop = loop;
        this.hosts = hosts;
    }

    /** @param command full name of the command whose right the client needs */
    Verdict decide(StatusRequest request, StatusClient client, String... command) {
        Users users = loop.server().users();
        if (client.isLocal() || users.isOpen()) {
            if (request.host() != null && hosts.accepts(request.host())) {
                return Verdict.ALLOWED;
            }
            String text = "refused a request for the name of another host on the metrics port from " + client.address();
            loop.incidents().note(Kind.REFUSED_HOST, System.currentTimeMillis(), text);
            return Verdict.WRONG_HOST;
        }
        if (request.authorization() == null) {
            return Verdict.NO_CREDENTIALS;
        }
        User user = user(request.authorization(), client);
        if (user == null) {
            return Verdict.WRONG_CREDENTIALS;
        }
        for (String needed : command) {
            if (!user.mayRun(commands().command(needed))) {
                String text = "refused " + needed + " on the metrics port to user " + user.name() + " from "
                        + client.address();
                loop.incidents().note(Kind.REFUSED_COMMAND, System.currentTimeMillis(), Level.WARNING, text, null);
                return Verdict.NO_RIGHT;
            }
        }
        return Verdict.ALLOWED;
    }

    private Dispatcher commands() {
        if (commands == null) {
            commands = Commands.dispatcher(loop);
        }
        return commands;
    }

    /** Null, which was noted, if there is no such user with this password. */
    private @Nullable User user(String authorization, StatusClient client) {
        String name = Users.DEFAULT;
        byte[] guess = {};
        if (authorization.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
            byte[] shown = decoded(authorization.substring(BASIC.length()).strip());
            int colon = 0;
            while (colon < shown.length && shown[colon] != ':') {
                colon++;
            }
            name = colon == 0 ? name : new String(shown, 0, colon, StandardCharsets.UTF_8);
            guess = Arrays.copyOfRange(shown, Math.min(colon + 1, shown.length), shown.length);
        } else if (authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            guess = authorization.substring(BEARER.length()).strip().getBytes(StandardCharsets.ISO_8859_1);
        }
        User user = loop.server().users().authenticate(name, guess);
        if (user == null) {
            loop.metrics().passwordRefused();
            String text = "wrong password for " + loop.server().users().described(name) + " on the metrics port from "
                    + client.address();
            loop.incidents().note(Kind.WRONG_PASSWORD, System.currentTimeMillis(), text);
        }
        return user;
    }

    /** Nothing if it is not base64. */
    private static byte[] decoded(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException notBase64) {
            return new byte[0];
        }
    }
}
