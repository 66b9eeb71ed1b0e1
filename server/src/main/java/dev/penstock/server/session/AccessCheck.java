package dev.penstock.server.session;

import dev.penstock.server.acl.KeyCheck;
import dev.penstock.server.acl.User;
import dev.penstock.server.metrics.IncidentLog.Kind;
import dev.penstock.server.resp.CommandError;
import dev.penstock.server.resp.Request;
import java.lang.System.Logger.Level;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Compares requests with the rights of the users that make them: the command at once, its keys some per turn. Notes
 * what is refused in the log. One for each event loop, whose thread it belongs to.
 */
final class AccessCheck {

    private final LoopContext loop;

    AccessCheck(LoopContext loop) {
        this.loop = loop;
    }

    /** @throws CommandError if the client may not run the command, on whatever keys */
    void checkCommand(Session session, Command command) {
        User user = session.user();
        if (isUnchecked(user, command)) {
            return;
        }
        if (user == null) {
            throw new CommandError("NOAUTH Authentication required.");
        }
        if (!user.mayRun(command)) {
            noteDenial(session, user, command);
            throw new CommandError(
                    "NOPERM this user has no permissions to run the '" + command.fullName() + "' command");
        }
    }

    /** Whether a command needs no check: the user has all rights, or the command needs none. */
    private static boolean isUnchecked(@Nullable User user, Command command) {
        return user != null && user.isUnrestricted() || command.flags().contains(Command.Flag.NO_AUTH);
    }

    /** Whether a request is permitted; false as well if it takes more than this turn to compare its keys. */
    boolean isPermittedNow(Session session, Command command, Request request) {
        User user = session.user();
        if (isUnchecked(user, command)) {
            return true;
        }
        if (user == null || !user.mayRun(command)) {
            return false;
        }
        KeyCheck keys = keysToCheck(session, command, request);
        return keys == null || keys.goOn(loop.turn()) && keys.isPermitted();
    }

    /** The check of the keys of a command that the client may run; null if there is nothing to check. */
    static @Nullable KeyCheck keysToCheck(Session session, Command command, Request request) {
        User user = session.user();
        if (user == null || isUnchecked(user, command)) {
            return null;
        }
        KeyCheck check = user.checkKeys(command, request);
        return check.isPermitted() ? null : check; // without a key, or with the right to all
    }

    /** Notes that a key is not the user's; returns what the client is told. */
    CommandError denied(Session session, Command command) {
        noteDenial(session, Objects.requireNonNull(session.user()), command);
        return new CommandError("NOPERM this user has no permissions to access one of the keys used as arguments");
    }

    /** A request that is executed once its keys are checked; see {@link KeyPermission}. */
    KeyPermission permission(
            Session session, Command command, KeyCheck keys, UnaryOperator<CommandError> refused, Runnable execution) {
        return new KeyPermission(loop.turn(), keys, () -> denied(session, command), refused, execution);
    }

    private void noteDenial(Session session, User user, Command command) {
        String text = "refused " + command.fullName() + " to user " + user.name() + " from "
                + session.connection().remoteAddress();
        loop.incidents().note(Kind.REFUSED_COMMAND, loop.nowMillis(), Level.WARNING, text, null);
    }
}
