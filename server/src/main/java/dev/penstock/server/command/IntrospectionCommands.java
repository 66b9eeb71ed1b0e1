package dev.penstock.server.command;

import static dev.penstock.server.session.Command.Flag.LOADING;
import static dev.penstock.server.session.Command.Flag.READONLY;
import static dev.penstock.server.session.Command.Flag.STALE;
import static dev.penstock.server.session.Command.Group.SERVER;

import dev.penstock.server.resp.CommandError;
import dev.penstock.server.resp.Glob;
import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.Request;
import dev.penstock.server.session.Command;
import dev.penstock.server.session.CommandTable;
import dev.penstock.server.session.LoopContext;
import dev.penstock.server.session.Session;
import dev.penstock.server.turn.OneByOne;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** COMMAND: the command table, in the form that clients parse. */
final class IntrospectionCommands {

    /** To find out the categories of all commands. */
    static final int CATEGORIES_STEPS = 4000;

    private static final int LIST_STEPS = 400;
    private static final int NAME_STEPS = 10;

    private final LoopContext loop;
    private final CommandTable table;

    IntrospectionCommands(LoopContext loop, CommandTable table) {
        this.loop = loop;
        this.table = table;
    }

    void register(CommandTable target) {
        target.add(Command.named("command")
                .arity(-1)
                .flags(LOADING, STALE)
                .docs(SERVER, "2.8.13", "O(N) where N is the number of commands", "Describes the commands.")
                .alsoIn("connection")
                .runs((session, request, reply) -> describeAll(reply))
                .contains(
                        subcommand("count", 2, "2.8.13", "Returns the number of commands.")
                                .runs((session, request, reply) -> reply.integer(table.size())),
                        subcommand("docs", -2, "7.0.0", "Explains commands.").runs(this::docs),
                        subcommand("info", -2, "2.8.13", "Describes commands.").runs(this::info),
                        subcommand("getkeys", -4, "2.8.13", "Returns the arguments of a command that are keys.")
                                .runs(this::getKeys),
                        subcommand("list", -2, "7.0.0", "Lists the names of commands.")
                                .runs(this::list),
                        subcommand("help", 2, "5.0.0", "Lists the subcommands.").runs(IntrospectionCommands::help)));
    }

    private static Command subcommand(String name, int arity, String since, String summary) {
        return Command.named(name)
                .arity(arity)
                .flags(LOADING, STALE)
                .docs(SERVER, since, "O(N) where N is the number of commands", summary)
                .alsoIn("connection");
    }

    private void describeAll(Reply reply) {
        reply.array(table.size());
        table.all().forEach(command -> describe(command, reply));
    }

    private void info(Session session, Request request, Reply reply) {
        if (request.count() == 2) {
            describeAll(reply);
            return;
        }
        reply.array(request.count() - 2L);
        session.run(new OneByOne(
                loop.turn(),
                reply,
                2,
                request.count(),
                i -> {
                    loop.turn().spend(NAME_STEPS);
                    Command command = byName(request, i);
                    if (command == null) {
                        reply.nil();
                    } else {
                        describe(command, reply);
                    }
                },
                () -> {}));
    }

    /** Finds {@code name} or {@code container|name}. */
    private @Nullable Command byName(Request request, int index) {
        String name = request.text(index).toLowerCase(Locale.ROOT);
        for (Command command : table.all()) {
            if (command.name().equals(name)) {
                return command;
            }
            if (command.subcommands() != null && name.startsWith(command.name() + "|")) {
                for (Command subcommand : command.subcommands().all()) {
                    if (subcommand.fullName().equals(name)) {
                        return subcommand;
                    }
                }
            }
        }
        return null;
    }

    private static void describe(Command command, Reply reply) {
        reply.array(10);
        reply.bulk(command.fullName());
        reply.integer(command.arity());
        reply.set(command.flags().size());
        command.flags().forEach(flag -> reply.simple(flag.wireName()));
        reply.integer(command.firstKey());
        reply.integer(command.lastKey());
        reply.integer(command.keyStep());
        Set<String> categories = command.categories();
        reply.set(categories.size());
        categories.forEach(category -> reply.simple("@" + category));
        reply.set(0); // hints for cluster clients
        keySpecification(command, reply);
        List<Command> subcommands = command.subcommands() == null
                ? List.of()
                : command.subcommands().all();
        // Of which Redis says that there are none by an empty set, and that there are some by an array.
        if (subcommands.isEmpty()) {
            reply.set(0);
        } else {
            reply.array(subcommands.size());
        }
        subcommands.forEach(subcommand -> describe(subcommand, reply));
    }

    private static void keySpecification(Command command, Reply reply) {
        if (command.firstKey() == 0) {
            reply.set(0);
            return;
        }
        reply.set(1);
        reply.map(3);
        reply.bulk("flags");
        reply.set(2);
        reply.simple(command.flags().contains(READONLY) ? "RO" : "RW");
        reply.simple(command.flags().contains(READONLY) ? "access" : "update");
        reply.bulk("begin_search");
        reply.map(2);
        reply.bulk("type");
        reply.bulk("index");
        reply.bulk("spec");
        reply.map(1);
        reply.bulk("index");
        reply.integer(command.firstKey());
        reply.bulk("find_keys");
        reply.map(2);
        reply.bulk("type");
        reply.bulk("range");
        reply.bulk("spec");
        reply.map(3);
        reply.bulk("lastkey");
        reply.integer(command.lastKey() < 0 ? command.lastKey() : command.lastKey() - command.firstKey());
        reply.bulk("keystep");
        reply.integer(command.keyStep());
        reply.bulk("limit");
        reply.integer(0);
    }

    private void docs(Session session, Request request, Reply reply) {
        List<Command> wanted = new ArrayList<>();
        if (request.count() == 2) {
            wanted.addAll(table.all());
        }
        for (int i = 2; i < request.count(); i++) {
            loop.turn().spend(NAME_STEPS);
            Command command = byName(request, i);
            if (command != null) {
                wanted.add(command);
            }
        }
        reply.map(wanted.size());
        session.run(new OneByOne(loop.turn(), reply, 0, wanted.size(), i -> explain(wanted.get(i), reply), () -> {}));
    }

    private static void explain(Command command, Reply reply) {
        reply.bulk(command.fullName());
        reply.map(command.subcommands() == null ? 4 : 5);
        reply.bulk("summary");
        reply.bulk(command.summary());
        reply.bulk("since");
        reply.bulk(command.since());
        reply.bulk("group");
        reply.bulk(command.group().wireName());
        reply.bulk("complexity");
        reply.bulk(command.complexity());
        if (command.subcommands() != null) {
            reply.bulk("subcommands");
            reply.map(command.subcommands().size());
            command.subcommands().all().forEach(subcommand -> explain(subcommand, reply));
        }
    }

    private void list(Session session, Request request, Reply reply) {
        List<String> names = new ArrayList<>();
        if (request.count() == 2) {
            table.all().forEach(command -> names.add(command.name()));
        } else if (request.count() == 5 && request.is(2, "filterby")) {
            filtered(request, names);
        } else {
            throw CommandError.syntax();
        }
        reply.array(names.size());
        names.forEach(reply::bulk);
    }

    private void filtered(Request request, List<String> names) {
        String wanted = request.text(4).toLowerCase(Locale.ROOT);
        Glob pattern = Glob.of(request, 4, true, loop.turn()::spend);
        boolean byPattern = request.is(3, "pattern");
        boolean byCategory = request.is(3, "aclcat");
        loop.turn().spend(byCategory ? CATEGORIES_STEPS : LIST_STEPS);
        if (!byPattern && !byCategory && !request.is(3, "module")) {
            throw CommandError.syntax();
        }
        table.withSubcommands()
                .filter(command -> byPattern
                        ? pattern.matches(command.fullName().getBytes(StandardCharsets.ISO_8859_1))
                        : byCategory && command.categories().contains(wanted))
                .forEach(command -> names.add(command.fullName()));
    }

    private void getKeys(Session session, Request request, Reply reply) {
        Command command = table.find(request, 2);
        if (command != null && command.subcommands() != null) {
            command = request.count() > 3 ? command.subcommands().find(request, 3) : null;
        }
        int count = request.count() - 2;
        if (command == null) {
            throw new CommandError("ERR Invalid command specified");
        }
        if (command.firstKey() == 0) {
            throw new CommandError("ERR The command has no key arguments");
        }
        if (!command.accepts(count)) {
            throw new CommandError("ERR Invalid number of arguments specified for command");
        }
        int last = command.lastKey(count);
        reply.array((last - command.firstKey()) / command.keyStep() + 1L);
        for (int i = command.firstKey(); i <= last; i += command.keyStep()) {
            reply.bulk(request.value(i + 2));
        }
    }

    private static void help(Session session, Request request, Reply reply) {
        reply.lines(
                "COMMAND, or COMMAND <subcommand> [<argument> ...], where the subcommand is one of:",
                "COUNT",
                "    Count the commands.",
                "DOCS [<name> ...]",
                "    Explain commands.",
                "INFO [<name> ...]",
                "    Describe commands, as COMMAND alone does for all.",
                "GETKEYS <name> [<argument> ...]",
                "    Tell which arguments are keys.",
                "LIST [FILTERBY <MODULE|ACLCAT|PATTERN> <value>]",
                "    List the names of commands.",
                "HELP",
                "    This text.");
    }
}
