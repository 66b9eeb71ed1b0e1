package dev.penstock.server.command;

import static dev.penstock.server.session.Command.Flag.ADMIN;
import static dev.penstock.server.session.Command.Flag.LOADING;
import static dev.penstock.server.session.Command.Flag.STALE;
import static dev.penstock.server.session.Command.Group.SERVER;

import dev.penstock.server.metrics.SlowLog;
import dev.penstock.server.resp.Arguments;
import dev.penstock.server.resp.CommandError;
import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.Request;
import dev.penstock.server.session.Command;
import dev.penstock.server.session.CommandTable;
import dev.penstock.server.session.LoopContext;
import dev.penstock.server.session.Session;
import dev.penstock.server.turn.OneByOne;
import java.util.List;

/** SLOWLOG and its subcommands. */
final class SlowLogCommands {

    private static final long USUAL_COUNT = 10;

    private static final int LATEST_IN_STEP = 8;

    private final LoopContext loop;
    private final SlowLog log;

    SlowLogCommands(LoopContext loop) {
        this.loop = loop;
        this.log = loop.slowLog();
    }

    void register(CommandTable table) {
        table.add(Command.named("slowlog")
                .arity(-2)
                .docs(SERVER, "2.2.12", "Depends on subcommand.", "A container for slow log commands.")
                .contains(
                        subcommand("get", -2, "Returns the entries of the slow log, the latest first.")
                                .runs(this::get),
                        subcommand("len", 2, "Returns the number of entries in the slow log.")
                                .runs((session, request, reply) -> reply.integer(log.length())),
                        subcommand("reset", 2, "Empties the slow log.").runs((session, request, reply) -> {
                            log.reset();
                            reply.ok();
                        }),
                        subcommand("help", 2, "Lists the subcommands.")
                                .flags(LOADING, STALE)
                                .runs(SlowLogCommands::help)));
    }

    private static Command subcommand(String name, int arity, String summary) {
        return Command.named(name)
                .arity(arity)
                .flags(ADMIN, LOADING, STALE)
                .docs(SERVER, "2.2.12", "O(N) where N is the number of entries", summary);
    }

    private void get(Session session, Request request, Reply reply) {
        if (request.count() > 3) {
            throw new CommandError("ERR unknown subcommand or wrong number of arguments for '"
                    + Arguments.echoed(request, 1) + "'. Try SLOWLOG HELP.");
        }
        List<SlowLog.SlowCommand> entries = log.latest(request.count() == 3 ? count(request) : USUAL_COUNT);
        loop.turn().spend(entries.size() / LATEST_IN_STEP);
        reply.array(entries.size());
        session.run(new OneByOne(loop.turn(), reply, 0, entries.size(), i -> write(entries.get(i), reply), () -> {}));
    }

    private static void write(SlowLog.SlowCommand entry, Reply reply) {
        reply.array(6);
        reply.integer(entry.id());
        reply.integer(entry.unixSeconds());
        reply.integer(entry.micros());
        reply.array(entry.arguments().size());
        entry.arguments().forEach(reply::bulk);
        reply.bulk(entry.clientAddress());
        reply.bulk(entry.clientName());
    }

    private static long count(Request request) {
        long count;
        try {
            count = Arguments.integer(request, 2);
        } catch (CommandError e) {
            count = -2; // answered below
        }
        if (count < -1) {
            throw new CommandError("ERR count should be greater than or equal to -1");
        }
        return count == -1 ? Long.MAX_VALUE : count;
    }

    private static void help(Session session, Request request, Reply reply) {
        reply.lines(
                "SLOWLOG <subcommand> [<argument>], where the subcommand is one of:",
                "GET [<count>]",
                "    Tell the latest commands that took long, 10 or as many as asked for, -1 for all: number, time,",
                "    microseconds, arguments, client's address, client's name.",
                "LEN",
                "    Count them.",
                "RESET",
                "    Forget them.",
                "HELP",
                "    This text.");
    }
}
