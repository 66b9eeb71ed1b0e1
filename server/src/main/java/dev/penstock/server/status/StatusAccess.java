package dev.penstock.server.status;

import dev.penstock.server.acl.Credentials;
import dev.penstock.server.acl.User;
import dev.penstock.server.acl.Users;
import dev.penstock.server.command.Commands;
import dev.penstock.server.http.HostNames;
import dev.penstock.server.metrics.IncidentLog.Kind;
import dev.penstock.server.session.Dispatcher;
import dev.penstock.server.session.LoopContext;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * Decides who sees metrics and the status page. Clients of this machine may see both. Others have the rights of a user:
 * that of their credentials, or the default user if that one needs no password. They need the right to the command that
 * tells the same: {@code INFO} for metrics, {@code CLIENT LIST} in addition for the page. Where some user needs no
 * password, the request must be for a name that no attacker can own; see {@link HostNames}. The status server's thread
 * only.
 */
final class StatusAccess {

    /** A decision. */
    enum AccessVerdict {
        ALLOWED,
        /** There is nobody by this name at this address. */
        WRONG_HOST,
        /** Nothing was compared: it shows no credentials where they are needed, or none that the server takes. */
        NO_CREDENTIALS,
        /** The answer is to come late. */
        WRONG_CREDENTIALS,
        NO_RIGHT
    }

    private final LoopContext loop;
    private final HostNames hosts;
    private @Nullable Dispatcher commands; // null until a client had to show a right

    StatusAccess(LoopContext loop, HostNames hosts) {
        this.loop = loop;
        this.hosts = hosts;
    }

    /** @param command full name of the command whose right the client needs */
    AccessVerdict decide(StatusRequest request, StatusClient client, String... command) {
        Users users = loop.server().users();
        boolean isAnyName = !client.isLocal() && !users.isOpen();
        if (!isAnyName && (request.host() == null || !hosts.accepts(request.host()))) {
            String text = "refused a request for the name of another host on the metrics port from " + client.address();
            loop.incidents().note(Kind.REFUSED_HOST, System.currentTimeMillis(), text);
            return AccessVerdict.WRONG_HOST;
        }
        if (client.isLocal()) {
            return AccessVerdict.ALLOWED;
        }
        if (request.authorization() == null) {
            User everybody = users.atFirst();
            return everybody != null && missing(everybody, command) == null
                    ? AccessVerdict.ALLOWED
                    : AccessVerdict.NO_CREDENTIALS;
        }
        Credentials shown = Credentials.of(request.authorization());
        if (shown == null) {
            return AccessVerdict.NO_CREDENTIALS;
        }
        User user = authenticate(shown, client);
        if (user == null) {
            return AccessVerdict.WRONG_CREDENTIALS;
        }
        String refused = missing(user, command);
        if (refused != null) {
            String text =
                    "refused " + refused + " on the metrics port to user " + user.name() + " from " + client.address();
            loop.incidents().note(Kind.REFUSED_COMMAND, System.currentTimeMillis(), Level.WARNING, text, null);
            return AccessVerdict.NO_RIGHT;
        }
        return AccessVerdict.ALLOWED;
    }

    /** The first of the commands that a user has no right to; null if there is none. */
    private @Nullable String missing(User user, String... command) {
        for (String needed : command) {
            if (!user.mayRun(commands().command(needed))) {
                return needed;
            }
        }
        return null;
    }

    private Dispatcher commands() {
        if (commands == null) {
            commands = Commands.dispatcher(loop);
        }
        return commands;
    }

    /** Null, which was noted, if there is no such user with this password. */
    private @Nullable User authenticate(Credentials shown, StatusClient client) {
        Users users = loop.server().users();
        User user = users.authenticate(shown.name(), shown.password());
        if (user == null) {
            loop.metrics().passwordRefused();
            String text = "wrong password for " + users.described(shown.name()) + " on the metrics port from "
                    + client.address();
            loop.incidents().note(Kind.WRONG_PASSWORD, System.currentTimeMillis(), text);
        }
        return user;
    }
}
