package dev.penstock.server.command;

import static dev.penstock.server.session.Command.Flag.READONLY;
import static dev.penstock.server.session.Command.Group.GENERIC;
import static dev.penstock.server.session.Command.Group.SERVER;

import dev.penstock.server.keyspace.KeyspaceValue;
import dev.penstock.server.resp.Arguments;
import dev.penstock.server.resp.CommandError;
import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.Request;
import dev.penstock.server.session.Command;
import dev.penstock.server.session.CommandTable;
import dev.penstock.server.session.Session;
import java.nio.charset.StandardCharsets;

/** OBJECT and MEMORY: the representation of a value, in the terms of Redis's tools. */
final class ObjectCommands {

    private static final int LONGEST_INT = 20;
    private static final int LONGEST_EMBEDDED = 44;
    private static final int RECORD_OVERHEAD = 48;

    void register(CommandTable table) {
        table.add(Command.named("object")
                .arity(-2)
                .docs(GENERIC, "2.2.3", "Depends on subcommand.", "A container for object introspection commands.")
                .contains(
                        object("encoding", "Returns the encoding that Redis would use for a value.")
                                .runs(ObjectCommands::encoding),
                        object("refcount", "Returns the reference count of a value, which is 1.")
                                .runs((session, request, reply) -> ifPresent(session, request, reply, 1)),
                        object("idletime", "Returns the idle time of a value; not tracked, so 0.")
                                .runs((session, request, reply) -> ifPresent(session, request, reply, 0)),
                        object("freq", "Returns the access frequency of a value; not tracked.")
                                .runs(ObjectCommands::frequency),
                        Command.named("help")
                                .arity(2)
                                .flags(Command.Flag.LOADING, Command.Flag.STALE)
                                .docs(GENERIC, "6.2.0", "O(1)", "Lists the subcommands.")
                                .runs(ObjectCommands::objectHelp)));
        table.add(Command.named("memory")
                .arity(-2)
                .docs(SERVER, "4.0.0", "Depends on subcommand.", "A container for memory diagnostics commands.")
                .contains(
                        Command.named("usage")
                                .arity(-3)
                                .flags(READONLY)
                                .keys(2, 2, 1)
                                .docs(SERVER, "4.0.0", "O(1)", "Estimates the bytes that a key and its value take.")
                                .runs(ObjectCommands::usage),
                        Command.named("help")
                                .arity(2)
                                .flags(Command.Flag.LOADING, Command.Flag.STALE)
                                .docs(SERVER, "4.0.0", "O(1)", "Lists the subcommands.")
                                .runs((session, request, reply) -> reply.lines(
                                        "MEMORY USAGE <key> [SAMPLES <count>]",
                                        "    Estimate the bytes that the key and its value take."))));
    }

    private static Command object(String name, String summary) {
        return Command.named(name).arity(3).flags(READONLY).keys(2, 2, 1).docs(GENERIC, "2.2.3", "O(1)", summary);
    }

    private static void encoding(Session session, Request request, Reply reply) {
        try (KeyspaceValue value = session.keyspace().get(Arguments.key(request, 2))) {
            if (value == null) {
                reply.nil();
            } else if (value.length() <= LONGEST_INT && isLong(value.toByteArray())) {
                reply.bulk("int");
            } else {
                reply.bulk(value.length() <= LONGEST_EMBEDDED ? "embstr" : "raw");
            }
        }
    }

    private static boolean isLong(byte[] value) {
        try {
            String text = new String(value, StandardCharsets.ISO_8859_1);
            return Long.toString(Long.parseLong(text)).equals(text);
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private static void ifPresent(Session session, Request request, Reply reply, long answer) {
        if (session.keyspace().contains(Arguments.key(request, 2))) {
            reply.integer(answer);
        } else {
            reply.nil();
        }
    }

    /** Where nothing is evicted, Redis does not track it either. */
    private static void frequency(Session session, Request request, Reply reply) {
        if (session.keyspace().contains(Arguments.key(request, 2))) {
            throw new CommandError(
                    "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note"
                            + " that when switching between policies at runtime LRU and LFU data will take some time to"
                            + " adjust.");
        }
        reply.nil();
    }

    private static void objectHelp(Session session, Request request, Reply reply) {
        reply.lines(
                "OBJECT <subcommand> <key>, where the subcommand is one of:",
                "ENCODING",
                "    Tell how Redis would hold the value.",
                "REFCOUNT",
                "    Tell how often the value is referred to: once.",
                "IDLETIME",
                "    Tell for how many seconds the value was not used; not tracked, so 0.",
                "FREQ",
                "    Tell how often the value is used; not tracked, so an error.",
                "HELP",
                "    This text.");
    }

    private static void usage(Session session, Request request, Reply reply) {
        if (request.count() != 3) {
            if (request.count() != 5 || !request.is(3, "samples") || Arguments.integer(request, 4) < 0) {
                throw CommandError.syntax();
            }
        }
        try (KeyspaceValue value = session.keyspace().get(Arguments.key(request, 2))) {
            if (value == null) {
                reply.nil();
            } else {
                reply.integer(RECORD_OVERHEAD + request.length(2) + value.length());
            }
        }
    }
}
