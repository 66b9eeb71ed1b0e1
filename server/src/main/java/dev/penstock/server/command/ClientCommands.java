package dev.penstock.server.command;

import static dev.penstock.server.session.Command.Flag.ADMIN;
import static dev.penstock.server.session.Command.Flag.LOADING;
import static dev.penstock.server.session.Command.Flag.NOSCRIPT;
import static dev.penstock.server.session.Command.Flag.STALE;
import static dev.penstock.server.session.Command.Group.CONNECTION;

import dev.penstock.server.acl.User;
import dev.penstock.server.acl.Users;
import dev.penstock.server.resp.Arguments;
import dev.penstock.server.resp.CommandError;
import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.Request;
import dev.penstock.server.session.Command;
import dev.penstock.server.session.CommandTable;
import dev.penstock.server.session.LoopContext;
import dev.penstock.server.session.Session;
import dev.penstock.server.session.Session.ReplyMode;
import dev.penstock.server.session.SessionWalk;
import dev.penstock.server.transfer.Place;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.function.Predicate;

/** CLIENT and its subcommands: list, name and close connections. */
final class ClientCommands {

    private static final int LONGEST_WORD = 1024;
    private static final int LINE_STEPS = 20;
    private static final int KILL_STEPS = 300;

    private final LoopContext loop;

    ClientCommands(LoopContext loop) {
        this.loop = loop;
    }

    void register(CommandTable table) {
        table.add(Command.named("client")
                .arity(-2)
                .docs(CONNECTION, "2.4.0", "Depends on subcommand.", "A container for client connection commands.")
                .contains(
                        subcommand("id", 2, "5.0.0", "Returns the connection's ID.")
                                .runs((session, request, reply) -> reply.integer(session.id())),
                        subcommand("getname", 2, "2.6.9", "Returns the connection's name.")
                                .runs(ClientCommands::getName),
                        subcommand("setname", 3, "2.6.9", "Names the connection.")
                                .runs(ClientCommands::setName),
                        subcommand("setinfo", 4, "7.2.0", "Notes the client library's name or version.")
                                .runs(ClientCommands::setInfo),
                        subcommand("info", 2, "6.2.0", "Returns information about this connection.")
                                .costs(LINE_STEPS)
                                .runs((session, request, reply) ->
                                        reply.verbatim(session.describe(loop.nowMillis()) + "\n")),
                        admin("list", -2, "2.4.0", "Returns information about all connections.")
                                .runs(this::list),
                        admin("kill", -3, "2.4.0", "Closes connections.").runs(this::kill),
                        admin("no-evict", 3, "7.0.0", "Notes whether the connection may be evicted.")
                                .runs((session, request, reply) -> {
                                    session.noEvict(onOrOff(request, 2));
                                    reply.ok();
                                }),
                        subcommand("no-touch", 3, "7.2.0", "Notes whether the connection's reads count as use.")
                                .runs((session, request, reply) -> {
                                    session.noTouch(onOrOff(request, 2));
                                    reply.ok();
                                }),
                        subcommand("reply", 3, "3.2.0", "Switches replies on or off.")
                                .outsideTransactions()
                                .runs(ClientCommands::reply),
                        subcommand("help", 2, "5.0.0", "Lists the subcommands.")
                                .flags(LOADING, STALE)
                                .runs(ClientCommands::help)));
    }

    private static Command subcommand(String name, int arity, String since, String summary) {
        return Command.named(name)
                .arity(arity)
                .flags(NOSCRIPT, LOADING, STALE)
                .docs(CONNECTION, since, "O(1)", summary);
    }

    private static Command admin(String name, int arity, String since, String summary) {
        return Command.named(name)
                .arity(arity)
                .flags(ADMIN, NOSCRIPT, LOADING, STALE)
                .docs(CONNECTION, since, "O(N) where N is the number of client connections", summary);
    }

    private static boolean onOrOff(Request request, int index) {
        if (request.is(index, "on")) {
            return true;
        }
        if (request.is(index, "off")) {
            return false;
        }
        throw CommandError.syntax();
    }

    private static void getName(Session session, Request request, Reply reply) {
        if (session.name().isEmpty()) {
            reply.nil();
        } else {
            reply.bulk(session.name());
        }
    }

    private static void setName(Session session, Request request, Reply reply) {
        session.name(name(request, 2));
        reply.ok();
    }

    /** A client's name from an argument; also for HELLO's SETNAME. */
    static String name(Request request, int index) {
        String name = word(request, index);
        if (!isPlainWord(name)) {
            throw new CommandError("ERR Client names cannot contain spaces, newlines or special characters.");
        }
        return name;
    }

    private static void setInfo(Session session, Request request, Reply reply) {
        String value = word(request, 3);
        if (request.is(2, "lib-name")) {
            session.libraryName(checked("lib-name", value));
        } else if (request.is(2, "lib-ver")) {
            session.libraryVersion(checked("lib-ver", value));
        } else {
            throw new CommandError("ERR Unrecognized option '" + Arguments.echoed(request, 2) + "'");
        }
        reply.ok();
    }

    private static String checked(String option, String value) {
        if (!isPlainWord(value)) {
            throw new CommandError("ERR " + option + " cannot contain spaces, newlines or special characters.");
        }
        return value;
    }

    /** What is remembered of every client must not be large. */
    private static String word(Request request, int index) {
        if (request.length(index) > LONGEST_WORD) {
            throw new CommandError("ERR Client names cannot be longer than " + LONGEST_WORD + " bytes.");
        }
        return request.text(index);
    }

    private static boolean isPlainWord(String text) {
        return text.chars().allMatch(c -> c >= '!' && c <= '~');
    }

    private static void reply(Session session, Request request, Reply reply) {
        if (request.is(2, "on")) {
            session.replyMode(ReplyMode.ON);
            reply.ok();
        } else if (request.is(2, "off")) {
            session.replyMode(ReplyMode.OFF);
        } else if (request.is(2, "skip")) {
            if (session.replyMode() != ReplyMode.OFF) {
                session.replyMode(ReplyMode.SKIP_NEXT);
            }
        } else {
            throw CommandError.syntax();
        }
    }

    private void list(Session session, Request request, Reply reply) {
        Predicate<Session> wanted = listFilter(request);
        Place place = reply.reserve();
        long[] length = new long[1];
        SessionWalk.run(
                session,
                loop,
                other -> {
                    if (wanted.test(other)) {
                        loop.turn().spend(LINE_STEPS);
                        length[0] += reply.text(other.describe(loop.nowMillis()) + "\n");
                        loop.turn().spend(reply);
                    }
                },
                () -> reply.fillVerbatim(place, length[0]));
    }

    private static Predicate<Session> listFilter(Request request) {
        if (request.count() == 2) {
            return other -> true;
        }
        if (request.count() == 4 && request.is(2, "type")) {
            boolean normal = isNormalType(request, 3);
            return other -> normal;
        }
        if (request.count() > 3 && request.is(2, "id")) {
            Set<Long> ids = new HashSet<>();
            for (int i = 3; i < request.count(); i++) {
                ids.add(clientId(request, i, Long.MIN_VALUE, "ERR Invalid client ID"));
            }
            return other -> ids.contains(other.id());
        }
        throw CommandError.syntax();
    }

    private static boolean isNormalType(Request request, int index) {
        if (request.is(index, "normal")) {
            return true;
        }
        if (request.is(index, "master")
                || request.is(index, "slave")
                || request.is(index, "replica")
                || request.is(index, "pubsub")) {
            return false;
        }
        throw new CommandError("ERR Unknown client type '" + Arguments.echoed(request, index) + "'");
    }

    private static long clientId(Request request, int index, long least, String error) {
        try {
            long id = Arguments.integer(request, index);
            if (id >= least) {
                return id;
            }
        } catch (CommandError e) {
            // answered below, in the words of this subcommand
        }
        throw new CommandError(error);
    }

    private void kill(Session session, Request request, Reply reply) {
        if (request.count() == 3) {
            String address = request.text(2);
            close(session, other -> other.connection().remoteAddress().equals(address), closed -> {
                if (closed == 0) {
                    throw new CommandError("ERR No such client");
                }
                reply.ok();
            });
        } else {
            close(session, killFilter(session, loop.server().users(), request), reply::integer);
        }
    }

    private void close(Session self, Predicate<Session> wanted, IntConsumer done) {
        int[] closed = new int[1];
        SessionWalk.run(
                self,
                loop,
                other -> {
                    if (wanted.test(other)) {
                        closed[0]++;
                        kill(self, other);
                    }
                },
                () -> done.accept(closed[0]));
    }

    private void kill(Session self, Session other) {
        if (other == self) {
            self.closeAfterReplies();
        } else {
            loop.turn().spend(KILL_STEPS);
            other.connection().kill();
        }
    }

    /** All criteria hold; of those about the same the last one counts. */
    private static Predicate<Session> killFilter(Session self, Users users, Request request) {
        if (request.count() % 2 != 0) {
            throw CommandError.syntax();
        }
        boolean skipSelf = true;
        Map<String, Predicate<Session>> criteria = new HashMap<>();
        for (int i = 2; i < request.count(); i += 2) {
            if (request.is(i, "skipme")) {
                skipSelf = yesOrNo(request, i + 1);
            } else {
                criteria.put(request.text(i).toLowerCase(Locale.ROOT), killCriterion(users, request, i));
            }
        }
        Predicate<Session> filter = criteria.values().stream().reduce(other -> true, Predicate::and);
        return skipSelf ? filter.and(other -> other != self) : filter;
    }

    private static Predicate<Session> killCriterion(Users users, Request request, int index) {
        String value = request.text(index + 1);
        if (request.is(index, "id")) {
            long id = clientId(request, index + 1, 1, "ERR client-id should be greater than 0");
            return other -> other.id() == id;
        }
        if (request.is(index, "addr")) {
            return other -> other.connection().remoteAddress().equals(value);
        }
        if (request.is(index, "laddr")) {
            return other -> other.connection().localAddress().equals(value);
        }
        if (request.is(index, "type")) {
            boolean normal = isNormalType(request, index + 1);
            return other -> normal;
        }
        if (request.is(index, "user")) {
            User user = users.named(value);
            if (user == null) {
                throw new CommandError("ERR No such user '" + Arguments.echoed(request, index + 1) + "'");
            }
            return other -> other.user() == user;
        }
        throw CommandError.syntax();
    }

    private static boolean yesOrNo(Request request, int index) {
        if (request.is(index, "yes")) {
            return true;
        }
        if (request.is(index, "no")) {
            return false;
        }
        throw CommandError.syntax();
    }

    private static void help(Session session, Request request, Reply reply) {
        reply.lines(
                "CLIENT <subcommand> [<argument> ...], where the subcommand is one of:",
                "ID, GETNAME, INFO",
                "    Tell about this connection.",
                "SETNAME <name>, SETINFO <LIB-NAME|LIB-VER> <value>",
                "    Note what the connection is called and which library it uses.",
                "LIST [TYPE <type> | ID <id> ...]",
                "    Tell about all connections, or some.",
                "KILL <address> | KILL [ID <id>] [ADDR <address>] [LADDR <address>] [TYPE <type>]"
                        + " [USER <name>] [SKIPME <yes|no>]",
                "    Close connections. An address is host:port, [IPv6 address]:port or path:0.",
                "REPLY <ON|OFF|SKIP>",
                "    Switch replies on or off, or leave out the next one.",
                "NO-EVICT <ON|OFF>, NO-TOUCH <ON|OFF>",
                "    Noted; nothing is evicted here.",
                "HELP",
                "    This text.");
    }
}
