package dev.penstock.server.command;

import static dev.penstock.server.session.Command.Flag.ADMIN;
import static dev.penstock.server.session.Command.Flag.FAST;
import static dev.penstock.server.session.Command.Flag.LOADING;
import static dev.penstock.server.session.Command.Flag.NOSCRIPT;
import static dev.penstock.server.session.Command.Flag.NO_ASYNC_LOADING;
import static dev.penstock.server.session.Command.Flag.STALE;
import static dev.penstock.server.session.Command.Group.CLUSTER;

import dev.penstock.server.resp.CommandError;
import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.Request;
import dev.penstock.server.session.Command;
import dev.penstock.server.session.CommandTable;
import dev.penstock.server.session.Session;

/**
 * CLUSTER, READONLY, READWRITE and ASKING: answered like a Redis that is not part of a cluster, so that cluster clients
 * notice that there is none.
 */
final class ClusterCommands {

    private ClusterCommands() {}

    static void register(CommandTable table) {
        table.add(Command.named("cluster")
                .arity(-2)
                .docs(CLUSTER, "3.0.0", "Depends on subcommand.", "A container for Redis Cluster commands.")
                .contains(
                        change("addslots", -3),
                        change("addslotsrange", -4),
                        change("bumpepoch", 2),
                        inspection("count-failure-reports", 3),
                        question("countkeysinslot", 3),
                        change("delslots", -3),
                        change("delslotsrange", -4),
                        change("failover", -2),
                        change("flushslots", 2),
                        change("forget", 3),
                        question("getkeysinslot", 4),
                        question("help", 2).flags(LOADING, STALE),
                        question("info", 2),
                        question("keyslot", 3),
                        question("links", 2),
                        change("meet", -4),
                        question("myid", 2),
                        question("nodes", 2),
                        inspection("replicas", 3),
                        change("replicate", 3),
                        inspection("reset", -2).flags(ADMIN, NOSCRIPT, STALE),
                        change("saveconfig", 2),
                        change("set-config-epoch", 3),
                        change("setslot", -4),
                        question("shards", 2),
                        inspection("slaves", 3),
                        question("slots", 2)));
        table.add(client("readonly").flags(LOADING, STALE, FAST));
        table.add(client("readwrite").flags(LOADING, STALE, FAST));
        table.add(client("asking").flags(FAST));
    }

    private static Command question(String name, int arity) {
        return Command.named(name)
                .arity(arity)
                .flags(STALE)
                .docs(CLUSTER, "3.0.0", "O(1)", "Refused: there is no cluster.")
                .runs(ClusterCommands::refuse);
    }

    private static Command inspection(String name, int arity) {
        return question(name, arity).flags(ADMIN, STALE);
    }

    private static Command change(String name, int arity) {
        return question(name, arity).flags(ADMIN, STALE, NO_ASYNC_LOADING);
    }

    private static Command client(String name) {
        return question(name, 1).alsoIn("connection");
    }

    private static void refuse(Session session, Request request, Reply reply) {
        throw new CommandError("ERR This instance has cluster support disabled");
    }
}
