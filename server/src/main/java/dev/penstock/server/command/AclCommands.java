package dev.penstock.server.command;

import static dev.penstock.server.session.Command.Flag.ADMIN;
import static dev.penstock.server.session.Command.Flag.LOADING;
import static dev.penstock.server.session.Command.Flag.NOSCRIPT;
import static dev.penstock.server.session.Command.Flag.STALE;
import static dev.penstock.server.session.Command.Group.SERVER;

import dev.penstock.server.resp.Arguments;
import dev.penstock.server.resp.CommandError;
import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.Request;
import dev.penstock.server.session.Command;
import dev.penstock.server.session.CommandTable;
import dev.penstock.server.session.LoopContext;
import dev.penstock.server.session.Session;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** ACL: the users and their rights. They come from a file, and no command changes them. */
final class AclCommands {

    private static final int USER_STEPS = 20;

    private final LoopContext loop;
    private final CommandTable table;

    AclCommands(LoopContext loop, CommandTable table) {
        this.loop = loop;
        this.table = table;
    }

    void register(CommandTable target) {
        target.add(Command.named("acl")
                .arity(-2)
                .docs(SERVER, "6.0.0", "Depends on subcommand.", "A container for access list control commands.")
                .contains(
                        subcommand("whoami", 2, "Returns the connection's user.")
                                .runs((session, request, reply) -> reply.bulk(
                                        Objects.requireNonNull(session.user()).name())),
                        subcommand("cat", -2, "Lists the categories, or the commands of one.")
                                .runs(this::categories),
                        admin("list", "Returns the users with their rights.").runs(this::list),
                        admin("users", "Lists the users.").runs(this::users),
                        subcommand("help", 2, "Lists the subcommands.")
                                .flags(LOADING, STALE)
                                .runs(AclCommands::help)));
    }

    private static Command subcommand(String name, int arity, String summary) {
        return Command.named(name)
                .arity(arity)
                .flags(NOSCRIPT, LOADING, STALE)
                .docs(SERVER, "6.0.0", "O(N) where N is the number of commands", summary);
    }

    private static Command admin(String name, String summary) {
        return Command.named(name)
                .arity(2)
                .flags(ADMIN, NOSCRIPT, LOADING, STALE)
                .docs(SERVER, "6.0.0", "O(N) where N is the number of users", summary);
    }

    private void categories(Session session, Request request, Reply reply) {
        if (request.count() > 3) {
            throw new CommandError("ERR unknown subcommand or wrong number of arguments for 'CAT'. Try ACL HELP.");
        }
        loop.turn().spend(2L * IntrospectionCommands.CATEGORIES_STEPS);
        List<String> names;
        if (request.count() == 2) {
            names = table.categories();
        } else {
            String category = request.text(2).toLowerCase(Locale.ROOT);
            if (!table.categories().contains(category)) {
                throw new CommandError("ERR Unknown category '" + Arguments.echoed(request, 2) + "'");
            }
            names = table.withSubcommands()
                    .filter(command -> command.categories().contains(category))
                    .map(Command::fullName)
                    .toList();
        }
        reply.array(names.size());
        names.forEach(reply::bulk);
    }

    private void list(Session session, Request request, Reply reply) {
        var users = loop.server().users().all();
        reply.array(users.size());
        loop.turn().spend((long) USER_STEPS * users.size());
        users.forEach(user -> reply.bulk(user.describe()));
    }

    private void users(Session session, Request request, Reply reply) {
        var users = loop.server().users().all();
        reply.array(users.size());
        users.forEach(user -> reply.bulk(user.name()));
    }

    private static void help(Session session, Request request, Reply reply) {
        reply.lines(
                "ACL <subcommand> [<argument>], where the subcommand is one of:",
                "CAT [<category>]",
                "    List the categories of commands, or the commands of one.",
                "LIST",
                "    Tell the users with their rights, as a users file has them.",
                "USERS",
                "    List the users.",
                "WHOAMI",
                "    Tell the connection's user.",
                "HELP",
                "    This text.");
    }
}
