package dev.penstock.server.command;

import static dev.penstock.server.session.Command.Flag.ALLOW_BUSY;
import static dev.penstock.server.session.Command.Flag.FAST;
import static dev.penstock.server.session.Command.Flag.LOADING;
import static dev.penstock.server.session.Command.Flag.NOSCRIPT;
import static dev.penstock.server.session.Command.Flag.NO_AUTH;
import static dev.penstock.server.session.Command.Flag.STALE;
import static dev.penstock.server.session.Command.Group.CONNECTION;

import dev.penstock.server.acl.User;
import dev.penstock.server.acl.Users;
import dev.penstock.server.report.InfoReport;
import dev.penstock.server.report.RoleReport;
import dev.penstock.server.resp.Arguments;
import dev.penstock.server.resp.CommandError;
import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.Request;
import dev.penstock.server.session.Authentication;
import dev.penstock.server.session.Command;
import dev.penstock.server.session.CommandTable;
import dev.penstock.server.session.LoopContext;
import dev.penstock.server.session.Session;

/** PING, HELLO and other commands about the connection itself. */
final class ConnectionCommands {

    private static final String WRONG_PASSWORD = "WRONGPASS invalid username-password pair or user is disabled.";

    private final LoopContext loop;
    private final Authentication authentication;

    ConnectionCommands(LoopContext loop) {
        this.loop = loop;
        this.authentication = new Authentication(loop);
    }

    void register(CommandTable table) {
        table.add(Command.named("ping")
                .longValue()
                .arity(-1)
                .flags(FAST)
                .docs(CONNECTION, "1.0.0", "O(1)", "Answers PONG, or the given text.")
                .runs(ConnectionCommands::ping));
        table.add(Command.named("echo")
                .longValue()
                .arity(2)
                .flags(LOADING, STALE, FAST)
                .docs(CONNECTION, "1.0.0", "O(1)", "Answers the given text.")
                .runs((session, request, reply) -> reply.bulk(request.value(1))));
        table.add(Command.named("hello")
                .arity(-1)
                .flags(NOSCRIPT, LOADING, STALE, FAST, NO_AUTH, ALLOW_BUSY)
                .docs(CONNECTION, "6.0.0", "O(1)", "Agrees on the protocol version and tells about the server.")
                .runs(this::hello));
        table.add(Command.named("auth")
                .arity(-2)
                .flags(NOSCRIPT, LOADING, STALE, FAST, NO_AUTH, ALLOW_BUSY)
                .docs(CONNECTION, "1.0.0", "O(1)", "Authenticates the connection.")
                .runs(this::auth));
        table.add(Command.named("select")
                .arity(2)
                .flags(LOADING, STALE, FAST)
                .docs(CONNECTION, "1.0.0", "O(1)", "Chooses the database; there is one, 0.")
                .runs(ConnectionCommands::select));
        table.add(Command.named("quit")
                .arity(-1)
                .flags(NOSCRIPT, LOADING, STALE, FAST, NO_AUTH, ALLOW_BUSY)
                .docs(CONNECTION, "1.0.0", "O(1)", "Ends the connection.")
                .immediate()
                .runs(ConnectionCommands::quit));
        table.add(Command.named("reset")
                .arity(1)
                .flags(NOSCRIPT, LOADING, STALE, FAST, NO_AUTH, ALLOW_BUSY)
                .docs(CONNECTION, "6.2.0", "O(1)", "Brings the connection back to its initial state.")
                .immediate()
                .runs(this::reset));
    }

    private static void ping(Session session, Request request, Reply reply) {
        switch (request.count()) {
            case 1 -> reply.pong();
            case 2 -> reply.bulk(request.value(1));
            default -> throw new CommandError("ERR wrong number of arguments for 'ping' command");
        }
    }

    private void hello(Session session, Request request, Reply reply) {
        int version = reply.protocolVersion();
        String name = null;
        if (request.count() > 1) {
            version = protocolVersion(request);
            for (int i = 2; i < request.count(); i++) {
                int left = request.count() - 1 - i;
                if (request.is(i, "auth") && left >= 2) {
                    authenticate(session, request.text(i + 1), request.bytes(i + 2));
                    i += 2;
                } else if (request.is(i, "setname") && left >= 1) {
                    name = ClientCommands.name(request, ++i);
                } else {
                    throw new CommandError("ERR Syntax error in HELLO option '" + Arguments.echoed(request, i) + "'");
                }
            }
        }
        if (!session.isAuthenticated()) {
            throw new CommandError("NOAUTH HELLO must be called with the client already authenticated, otherwise the"
                    + " HELLO AUTH <user> <pass> option can be used to authenticate the client and select the"
                    + " RESP protocol version at the same time");
        }
        reply.protocolVersion(version);
        if (name != null) {
            session.name(name);
        }
        describeServer(session, reply);
    }

    private static int protocolVersion(Request request) {
        long version;
        try {
            version = Arguments.integer(request, 1);
        } catch (CommandError e) {
            throw new CommandError("ERR Protocol version is not an integer or out of range");
        }
        if (version < 2 || version > 3) {
            throw new CommandError("NOPROTO unsupported protocol version");
        }
        return (int) version;
    }

    private void describeServer(Session session, Reply reply) {
        reply.map(7);
        reply.bulk("server");
        reply.bulk("redis");
        reply.bulk("version");
        reply.bulk(InfoReport.REDIS_VERSION);
        reply.bulk("proto");
        reply.integer(reply.protocolVersion());
        reply.bulk("id");
        reply.integer(session.id());
        reply.bulk("mode");
        reply.bulk(loop.server().router().map() == null ? "standalone" : "cluster");
        reply.bulk("role");
        reply.bulk(RoleReport.isMaster(loop.server().router().group()) ? "master" : "replica");
        reply.bulk("modules");
        reply.array(0);
    }

    private void auth(Session session, Request request, Reply reply) {
        if (request.count() > 3) {
            throw CommandError.syntax();
        }
        if (request.count() == 2 && loop.server().users().atFirst() != null) {
            throw new CommandError("ERR AUTH <password> called without any password configured for the default user. "
                    + "Are you sure your configuration is correct?");
        }
        int last = request.count() - 1;
        authenticate(session, last == 2 ? request.text(1) : Users.DEFAULT, request.bytes(last));
        reply.ok();
    }

    /** As in Redis, a user without a password accepts any. Otherwise a wrong password costs time. */
    private void authenticate(Session session, String name, byte[] guess) {
        User user = authentication.authenticate(session, name, guess);
        if (user == null) {
            throw new CommandError(WRONG_PASSWORD);
        }
        session.authenticated(user);
    }

    private static void select(Session session, Request request, Reply reply) {
        Arguments.database(request, 1);
        reply.ok();
    }

    private static void quit(Session session, Request request, Reply reply) {
        reply.ok();
        session.closeAfterReplies();
    }

    private void reset(Session session, Request request, Reply reply) {
        session.reset(loop.server().users().atFirst());
        reply.simple("RESET");
    }
}
