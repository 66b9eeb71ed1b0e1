package dev.penstock.server.http;

import dev.penstock.server.acl.Credentials;
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
    void identify(HttpExchange exchange) {
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

    void checkMayGet(HttpExchange exchange) {
        check(exchange, get, exchange.key());
    }

    void checkMaySet(HttpExchange exchange) {
        check(exchange, set, exchange.key());
    }

    void checkMayDelete(HttpExchange exchange) {
        check(exchange, del, exchange.key());
    }

    /** {@link #mayList} decides which keys the list has. */
    void checkMayList(HttpExchange exchange) {
        check(exchange, scan, null);
    }

    static boolean mayList(HttpExchange exchange, byte[] key) {
        User user = exchange.user();
        return user != null && user.mayTouchKey(key);
    }

    private void check(HttpExchange exchange, Command command, byte @Nullable [] key) {
        User user = exchange.user();
        if (user == null || !user.mayRun(command)) {
            throw refused(exchange, command, "the user may not do this");
        }
        if (key != null && !user.mayTouchKey(key)) {
            throw refused(exchange, command, "the user has no rights to this key");
        }
    }

    private Problem refused(HttpExchange exchange, Command command, String detail) {
        User user = exchange.user();
        String text = "refused " + command.fullName() + " by HTTP to user " + (user == null ? "" : user.name())
                + " from " + exchange.session().connection().remoteAddress();
        loop.incidents().note(Kind.REFUSED_COMMAND, loop.nowMillis(), Level.WARNING, text, null);
        return new Problem(Status.FORBIDDEN, detail);
    }
}
