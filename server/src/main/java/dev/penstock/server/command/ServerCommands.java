package dev.penstock.server.command;

import static dev.penstock.server.session.Command.Flag.ADMIN;
import static dev.penstock.server.session.Command.Flag.ALLOW_BUSY;
import static dev.penstock.server.session.Command.Flag.FAST;
import static dev.penstock.server.session.Command.Flag.LOADING;
import static dev.penstock.server.session.Command.Flag.NOSCRIPT;
import static dev.penstock.server.session.Command.Flag.NO_ASYNC_LOADING;
import static dev.penstock.server.session.Command.Flag.NO_MULTI;
import static dev.penstock.server.session.Command.Flag.READONLY;
import static dev.penstock.server.session.Command.Flag.STALE;
import static dev.penstock.server.session.Command.Flag.WRITE;
import static dev.penstock.server.session.Command.Group.SCRIPTING;
import static dev.penstock.server.session.Command.Group.SERVER;

import dev.penstock.server.keyspace.Keyspace;
import dev.penstock.server.keyspace.TransactionKeyspace;
import dev.penstock.server.report.InfoReport;
import dev.penstock.server.report.RoleReport;
import dev.penstock.server.resp.Arguments;
import dev.penstock.server.resp.CommandError;
import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.Request;
import dev.penstock.server.session.Command;
import dev.penstock.server.session.CommandTable;
import dev.penstock.server.session.LoopContext;
import dev.penstock.server.session.Session;
import dev.penstock.server.turn.Elsewhere;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** INFO, FLUSHALL, SAVE and other commands about the server and the whole store. */
final class ServerCommands {

    private static final Logger LOG = System.getLogger(ServerCommands.class.getName());

    private static final List<String> SHUTDOWN_OPTIONS = List.of("save", "nosave", "now", "force", "abort");

    /** Beside the look at each client. */
    private static final int INFO_STEPS = 5000;

    /** To begin what another thread does. */
    private static final int START_STEPS = 1000;

    private final LoopContext loop;

    ServerCommands(LoopContext loop) {
        this.loop = loop;
    }

    void register(CommandTable table) {
        table.add(Command.named("info")
                .arity(-1)
                .flags(LOADING, STALE)
                .docs(SERVER, "1.0.0", "O(1)", "Returns information about the server.")
                .alsoIn("dangerous")
                .costs(INFO_STEPS)
                .runs((session, request, reply) -> {
                    loop.turn().spend(loop.server().clientCount());
                    reply.verbatim(new InfoReport(loop.server()).of(request));
                }));
        table.add(Command.named("dbsize")
                .arity(1)
                .flags(READONLY, FAST)
                .docs(SERVER, "1.0.0", "O(1)", "Returns the number of keys.")
                .alsoIn("keyspace")
                .runs(this::count));
        table.add(Command.named("flushall")
                .arity(-1)
                .flags(WRITE)
                .docs(SERVER, "1.0.0", "O(N) where N is the number of keys", "Deletes all keys.")
                .alsoIn("keyspace", "dangerous")
                .runs(this::flush));
        table.add(Command.named("flushdb")
                .arity(-1)
                .flags(WRITE)
                .docs(SERVER, "1.0.0", "O(N) where N is the number of keys", "Deletes all keys.")
                .alsoIn("keyspace", "dangerous")
                .runs(this::flush));
        table.add(Command.named("time")
                .arity(1)
                .flags(LOADING, STALE, FAST)
                .docs(SERVER, "2.6.0", "O(1)", "Returns the server's time.")
                .runs(ServerCommands::time));
        table.add(admin("save", 1, "Forces what was written to the device.")
                .flags(ADMIN, NOSCRIPT, NO_ASYNC_LOADING, NO_MULTI)
                .runs(this::save));
        table.add(admin("bgsave", -1, "Forces what was written to the device, in the background.")
                .costs(START_STEPS)
                .runs(this::backgroundSave));
        table.add(admin("bgrewriteaof", 1, "Compacts the store's files, in the background.")
                .costs(START_STEPS)
                .runs((session, request, reply) -> {
                    loop.server().compaction().start();
                    reply.simple("Background append only file rewriting started");
                }));
        table.add(Command.named("lastsave")
                .arity(1)
                .flags(LOADING, STALE, FAST)
                .docs(SERVER, "1.0.0", "O(1)", "Returns the time at which the last SAVE ended.")
                .alsoIn("admin", "dangerous")
                .runs((session, request, reply) -> reply.integer(loop.server().lastSaveSeconds())));
        table.add(admin("shutdown", -1, "Stops the server.")
                .flags(ADMIN, NOSCRIPT, LOADING, STALE, NO_MULTI, ALLOW_BUSY)
                .runs(this::shutdown));
        table.add(Command.named("role")
                .arity(1)
                .flags(NOSCRIPT, LOADING, STALE, FAST)
                .docs(SERVER, "2.8.12", "O(1)", "Returns the server's role in replication.")
                .alsoIn("admin", "dangerous")
                .runs((session, request, reply) ->
                        RoleReport.write(loop.server().router().group(), reply)));
        table.add(Command.named("function")
                .arity(-2)
                .docs(SCRIPTING, "7.0.0", "Depends on subcommand.", "A container for function commands.")
                .contains(
                        Command.named("flush")
                                .arity(-2)
                                .flags(WRITE, NOSCRIPT)
                                .docs(SCRIPTING, "7.0.0", "O(1)", "Deletes all functions; there are none.")
                                .runs(ServerCommands::flushFunctions),
                        Command.named("help")
                                .arity(2)
                                .flags(LOADING, STALE)
                                .docs(SCRIPTING, "7.0.0", "O(1)", "Lists the subcommands.")
                                .runs((session, request, reply) -> reply.lines(
                                        "FUNCTION FLUSH [ASYNC|SYNC]", "    Does nothing: there are none."))));
    }

    private static Command admin(String name, int arity, String summary) {
        return Command.named(name)
                .arity(arity)
                .flags(ADMIN, NOSCRIPT, NO_ASYNC_LOADING)
                .docs(SERVER, "1.0.0", "O(1)", summary);
    }

    private void count(Session session, Request request, Reply reply) {
        session.run(() -> {
            long count = session.keyspace().count(loop.turn());
            if (count == Keyspace.UNFINISHED) {
                return false;
            }
            reply.integer(count);
            return true;
        });
    }

    private void flush(Session session, Request request, Reply reply) {
        if (request.count() > 2 || (request.count() == 2 && !isFlushMode(request, 1))) {
            throw CommandError.syntax();
        }
        if (session.keyspace() instanceof TransactionKeyspace) {
            session.keyspace().clear();
            reply.ok();
        } else {
            session.run(new Elsewhere(session.keyspace()::clear, reply::ok));
        }
    }

    private static void flushFunctions(Session session, Request request, Reply reply) {
        if (request.count() > 3) {
            throw new CommandError("ERR unknown subcommand or wrong number of arguments for '"
                    + Arguments.echoed(request, 1) + "'. Try FUNCTION HELP.");
        }
        if (request.count() == 3 && !isFlushMode(request, 2)) {
            throw new CommandError("ERR FUNCTION FLUSH only supports SYNC|ASYNC option");
        }
        reply.ok();
    }

    private static boolean isFlushMode(Request request, int index) {
        return request.is(index, "sync") || request.is(index, "async");
    }

    private static void time(Session session, Request request, Reply reply) {
        Instant now = Instant.now();
        reply.array(2);
        reply.bulk(Long.toString(now.getEpochSecond()));
        reply.bulk(Integer.toString(now.getNano() / 1000));
    }

    private void save(Session session, Request request, Reply reply) {
        session.run(new Elsewhere(loop.server()::save, reply::ok));
    }

    private void backgroundSave(Session session, Request request, Reply reply) {
        if (request.count() > 2 || (request.count() == 2 && !request.is(1, "schedule"))) {
            throw CommandError.syntax();
        }
        loop.server().saving().start();
        reply.simple("Background saving started");
    }

    /** Like Redis, answers nothing when all goes well: the connection ends. */
    private void shutdown(Session session, Request request, Reply reply) {
        Set<String> options = new HashSet<>();
        for (int i = 1; i < request.count(); i++) {
            options.add(shutdownOption(request, i));
        }
        if (options.contains("abort")) {
            throw options.size() == 1 ? new CommandError("ERR No shutdown in progress.") : CommandError.syntax();
        }
        if (options.containsAll(List.of("save", "nosave"))) {
            throw CommandError.syntax();
        }
        LOG.log(
                Level.INFO,
                "the client {0} asked for shutdown",
                session.connection().remoteAddress());
        session.closeAfterReplies();
        loop.server().shutdown();
    }

    private static String shutdownOption(Request request, int index) {
        for (String option : SHUTDOWN_OPTIONS) {
            if (request.is(index, option)) {
                return option;
            }
        }
        throw CommandError.syntax();
    }
}
