package dev.penstock.server.http;

import dev.penstock.server.acl.Credentials;
import dev.penstock.server.acl.KeyCheck;
import dev.penstock.server.acl.User;
import dev.penstock.server.acl.Users;
import dev.penstock.server.metrics.IncidentLog.Kind;
import dev.penstock.server.session.Authentication;
import dev.penstock.server.session.Command;
import dev.penstock.server.session.Dispatcher;
import dev.penstock.server.session.LoopContext;
import dev.penstock.server.session.Session;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.lang.System.Logger.Level;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a request is executed. {@code Authorization} names the user, and the rights are those of the commands
 * that do the same. Each request has its own credentials; one without any belongs to the default user. One for each
 * event loop, whose thread it belongs to.
 */
final class Admission {

    private final LoopContext loop;
    private final Authentication authentication;
    private final HostNames hosts;
    private final Command get;
    private final Command set;
    private final Command del;
    private final Command scan;

    Admission(LoopContext loop, Dispatcher dispatcher, HostNames hosts) {
        this.loop = loop;
        this.authentication = new Authentication(loop);
        this.hosts = hosts;
        this.get = dispatcher.command("get");
        this.set = dispatcher.command("set");
        this.del = dispatcher.command("del");
        this.scan = dispatcher.command("scan");
    }

    /** @throws Problem if the server has no password and the request is for another host */
    void checkHost(HttpExchange exchange) {
        if (loop.server().users().isOpen() && !hosts.accepts(exchange.head())) {
            String text = "refused a request by HTTP for the name of another host from "
                    + exchange.session().connection().remoteAddress();
            loop.incidents().note(Kind.REFUSED_HOST, loop.nowMillis(), text);
            throw new Problem(
                    Status.MISDIRECTED_REQUEST,
                    "without a password the server answers for addresses, localhost and the names of its option bind"
                            + " only");
        }
    }

    /**
     * Finds the user of a request, who is the user of the session from then on.
     *
     * @throws Problem if there is no such user, or the request is for another host
     */
    private void identify(HttpExchange exchange) {
        checkHost(exchange);
        RequestHead head = exchange.head();
        Users users = loop.server().users();
        String authorization = head.field(HttpHeaderNames.AUTHORIZATION);
        User user = authorization == null ? users.atFirst() : authenticate(exchange.session(), authorization);
        if (user == null) {
            throw new Problem(
                    Status.UNAUTHORIZED, "the request needs the credentials of a user", Credentials.CHALLENGE);
        }
        exchange.session().authenticated(user);
    }

    private @Nullable User authenticate(Session session, String authorization) {
        Credentials shown = Credentials.of(authorization);
        if (shown == null) {
            throw new Problem(
                    Status.UNAUTHORIZED, "the server takes Basic and Bearer credentials", Credentials.CHALLENGE);
        }
        return authentication.authenticate(session, shown.name(), shown.password());
    }

    /**
     * Checks whether the user may do to the key what the method does. The key is compared with the user's patterns,
     * some of them per turn.
     *
     * @return false if this turn is over before; to be called again in the next one
     * @throws Problem if the request is for another host, there is no such user, or it may not
     */
    boolean admits(HttpExchange exchange) {
        KeyCheck key = exchange.keyCheck();
        if (key == null) {
            identify(exchange);
            key = begin(exchange);
            exchange.keyCheck(key);
        }
        if (!key.goOn(loop.turn())) {
            return false;
        }
        if (!key.isPermitted()) {
            throw refused(exchange, Objects.requireNonNull(command(exchange)), "the user has no rights to this key");
        }
        return true;
    }

    private KeyCheck begin(HttpExchange exchange) {
        Command command = command(exchange);
        if (command == null) {
            return KeyCheck.permitted(); // it is refused for what it is
        }
        return checkCommand(exchange, command).checkKey(exchange.key());
    }

    /** The command that does to a key what a method does; null if there is none, or no key. */
    private @Nullable Command command(HttpExchange exchange) {
        if (exchange.key().length == 0) {
            return null;
        }
        return switch (exchange.head().method()) {
            case "GET", "HEAD" -> get;
            case "PUT" -> set;
            case "DELETE" -> del;
            default -> null;
        };
    }

    /** Checks that the user may list keys; {@link #checkListed} decides which ones the list has. */
    void checkMayList(HttpExchange exchange) {
        checkCommand(exchange, scan);
    }

    /** Begins to check whether a list has a key. */
    static KeyCheck checkListed(HttpExchange exchange, byte[] key) {
        return Objects.requireNonNull(exchange.user()).checkKey(key);
    }

    private User checkCommand(HttpExchange exchange, Command command) {
        User user = exchange.user();
        if (user == null || !user.mayRun(command)) {
            throw refused(exchange, command, "the user may not do this");
        }
        return user;
    }

    private Problem refused(HttpExchange exchange, Command command, String detail) {
        User user = exchange.user();
        String text = "refused " + command.fullName() + " by HTTP to user " + (user == null ? "" : user.name())
                + " from " + exchange.session().connection().remoteAddress();
        loop.incidents().note(Kind.REFUSED_COMMAND, loop.nowMillis(), Level.WARNING, text, null);
        return new Problem(Status.FORBIDDEN, detail);
    }
}
