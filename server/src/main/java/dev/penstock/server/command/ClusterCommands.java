package dev.penstock.server.command;

import static dev.penstock.server.session.Command.Flag.ADMIN;
import static dev.penstock.server.session.Command.Flag.FAST;
import static dev.penstock.server.session.Command.Flag.LOADING;
import static dev.penstock.server.session.Command.Flag.NOSCRIPT;
import static dev.penstock.server.session.Command.Flag.NO_ASYNC_LOADING;
import static dev.penstock.server.session.Command.Flag.STALE;
import static dev.penstock.server.session.Command.Group.CLUSTER;
import static dev.penstock.server.session.Command.Group.CONNECTION;

import dev.penstock.server.keyspace.Keyspace;
import dev.penstock.server.report.ClusterReport;
import dev.penstock.server.resp.Arguments;
import dev.penstock.server.resp.CommandError;
import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.Request;
import dev.penstock.server.session.Command;
import dev.penstock.server.session.CommandTable;
import dev.penstock.server.session.LoopContext;
import dev.penstock.server.session.Session;
import dev.penstock.server.shard.ClusterMap;
import dev.penstock.server.shard.ClusterNode;
import dev.penstock.server.shard.Proposals;
import dev.penstock.server.shard.Slots;
import dev.penstock.server.transfer.MemoryBudget;
import dev.penstock.server.transfer.Place;
import dev.penstock.server.turn.Suspended;
import dev.penstock.server.turn.Turn;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * CLUSTER, READONLY, READWRITE, ASKING and WAIT. In a cluster they show its map, which no client can change. Without
 * one, all but WAIT are answered like a Redis that is not part of a cluster, so that cluster clients notice that there
 * is none.
 */
final class ClusterCommands {

    private static final String[] HELP = {
        "CLUSTER <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "COUNTKEYSINSLOT <slot>",
        "    Return the number of keys in <slot>.",
        "GETKEYSINSLOT <slot> <count>",
        "    Return key names stored by current node in a slot.",
        "INFO",
        "    Return information about the cluster.",
        "KEYSLOT <key>",
        "    Return the hash slot for <key>.",
        "LINKS",
        "    Return information about links between nodes: none.",
        "MYID",
        "    Return the node id.",
        "NODES",
        "    Return cluster configuration seen by node.",
        "REPLICAS <node-id>",
        "    Return <node-id> replicas.",
        "SHARDS",
        "    Return information about slot range mappings and the nodes associated with them.",
        "SLOTS",
        "    Return information about slots range mappings.",
        "HELP",
        "    Print this help."
    };

    /** What a handler does that needs the map. */
    @FunctionalInterface
    private interface Answer {
        void of(ClusterMap map, Session session, Request request, Reply reply);
    }

    private final LoopContext loop;

    ClusterCommands(LoopContext loop) {
        this.loop = loop;
    }

    void register(CommandTable table) {
        table.add(Command.named("cluster")
                .arity(-2)
                .docs(CLUSTER, "3.0.0", "Depends on subcommand.", "A container for Redis Cluster commands.")
                .contains(
                        change("addslots", -3),
                        change("addslotsrange", -4),
                        change("bumpepoch", 2),
                        inspection("count-failure-reports", 3, ClusterCommands::countFailures),
                        question("countkeysinslot", 3, this::countKeys),
                        change("delslots", -3),
                        change("delslotsrange", -4),
                        change("failover", -2),
                        change("flushslots", 2),
                        change("forget", 3),
                        question("getkeysinslot", 4, this::getKeys),
                        question("help", 2, (map, session, request, reply) -> reply.lines(HELP))
                                .flags(LOADING, STALE),
                        question(
                                "info",
                                2,
                                (map, session, request, reply) ->
                                        reply.verbatim(report(map).info())),
                        question("keyslot", 3, (map, session, request, reply) -> reply.integer(Slots.of(request, 2))),
                        question("links", 2, (map, session, request, reply) -> reply.array(0)),
                        change("meet", -4),
                        question(
                                "myid",
                                2,
                                (map, session, request, reply) ->
                                        reply.bulk(map.myself().id())),
                        question(
                                "nodes",
                                2,
                                (map, session, request, reply) ->
                                        reply.verbatim(report(map).nodes())),
                        inspection("replicas", 3, this::replicas),
                        change("replicate", 3),
                        change("reset", -2).flags(ADMIN, NOSCRIPT, STALE),
                        change("saveconfig", 2),
                        change("set-config-epoch", 3),
                        change("setslot", -4),
                        question(
                                "shards",
                                2,
                                (map, session, request, reply) -> report(map)
                                        .shards(loop.server().router().group(), reply)),
                        inspection("slaves", 3, this::replicas),
                        question(
                                "slots",
                                2,
                                (map, session, request, reply) -> report(map).slots(reply))));
        table.add(client("readonly", (map, session, request, reply) -> readFromReplica(session, reply, true))
                .flags(LOADING, STALE, FAST));
        table.add(client("readwrite", (map, session, request, reply) -> readFromReplica(session, reply, false))
                .flags(LOADING, STALE, FAST));
        table.add(client("asking", (map, session, request, reply) -> reply.ok()).flags(FAST));
        table.add(Command.named("wait")
                .arity(3)
                .flags(NOSCRIPT)
                .waits()
                .docs(CONNECTION, "3.0.0", "O(1)", "Waits until other nodes of the cluster have the writes before it.")
                .runs(this::await));
    }

    private Command question(String name, int arity, Answer answer) {
        return Command.named(name)
                .arity(arity)
                .flags(STALE)
                .docs(CLUSTER, "3.0.0", "O(N) where N is the number of nodes", "Shows the cluster, where there is one.")
                .runs((session, request, reply) -> {
                    ClusterMap map = map();
                    loop.turn().spend(map.nodes().size() + map.ranges().size());
                    answer.of(map, session, request, reply);
                });
    }

    private ClusterMap map() {
        ClusterMap map = loop.server().router().map();
        if (map == null) {
            throw new CommandError("ERR This instance has cluster support disabled");
        }
        return map;
    }

    private Command inspection(String name, int arity, Answer answer) {
        return question(name, arity, answer).flags(ADMIN, STALE);
    }

    private Command change(String name, int arity) {
        return question(name, arity, (map, session, request, reply) -> {
                    throw new CommandError("ERR the map of the cluster is not changed by clients");
                })
                .flags(ADMIN, STALE, NO_ASYNC_LOADING);
    }

    private Command client(String name, Answer answer) {
        return question(name, 1, answer).alsoIn("connection");
    }

    private ClusterReport report(ClusterMap map) {
        return new ClusterReport(map, loop.nowMillis());
    }

    private static void readFromReplica(Session session, Reply reply, boolean on) {
        session.readsFromReplica(on);
        reply.ok();
    }

    private static ClusterNode node(ClusterMap map, Request request) {
        return map.node(request.text(2))
                .orElseThrow(() -> new CommandError("ERR Unknown node " + Arguments.echoed(request, 2)));
    }

    private static void countFailures(ClusterMap map, Session session, Request request, Reply reply) {
        reply.integer(node(map, request).isReachable() ? 0 : 1);
    }

    private void replicas(ClusterMap map, Session session, Request request, Reply reply) {
        ClusterNode node = node(map, request);
        if (map.ledBy(node).isEmpty()) {
            throw new CommandError("ERR The specified node is not a master");
        }
        report(map).replicas(node, reply);
    }

    /** In a transaction it does not wait. A server alone has nothing to wait for. */
    private void await(Session session, Request request, Reply reply) {
        long wanted = Arguments.integer(request, 1);
        long millis;
        try {
            millis = Arguments.integer(request, 2);
        } catch (CommandError e) {
            throw new CommandError("ERR timeout is not an integer or out of range");
        }
        if (millis < 0) {
            throw new CommandError("ERR timeout is negative");
        }
        Proposals log = loop.server().proposals();
        if (log == null) {
            reply.integer(0);
        } else {
            boolean waits = session.transaction() == null;
            session.run(new CopyWait(log, wanted, waits ? millis : CopyWait.NO_WAIT, reply));
        }
    }

    // --- the keys of a slot ---

    private void countKeys(ClusterMap map, Session session, Request request, Reply reply) {
        int slot = slot(request, "ERR Invalid slot");
        session.run(new KeysOfSlot(session, request, slot, Long.MAX_VALUE, true, reply));
    }

    private void getKeys(ClusterMap map, Session session, Request request, Reply reply) {
        String invalid = "ERR Invalid slot or number of keys";
        int slot = slot(request, invalid);
        long wanted = Arguments.integer(request, 3);
        if (wanted < 0) {
            throw new CommandError(invalid);
        }
        session.run(new KeysOfSlot(session, request, slot, wanted, false, reply));
    }

    private static int slot(Request request, String invalid) {
        long slot = Arguments.integer(request, 2);
        if (slot < 0 || slot >= Slots.COUNT) {
            throw new CommandError(invalid);
        }
        return (int) slot;
    }

    /** Goes through all keys, a page at a time, since none are kept by slot. Lists some of the slot, or counts all. */
    private final class KeysOfSlot implements Suspended {

        private static final int PAGE = 64;

        private final Keyspace.Scan scan;
        private final MemoryBudget memory;
        private final int slot;
        private final Reply reply;
        private final @Nullable Place place; // null if it only counts
        private final long wanted;
        private final List<byte[]> page = new ArrayList<>();
        private long reserved;
        private long found;

        KeysOfSlot(Session session, Request request, int slot, long wanted, boolean counts, Reply reply) {
            this.scan = session.keyspace().scan(0);
            this.memory = request.budget();
            this.slot = slot;
            this.wanted = wanted;
            this.reply = reply;
            this.place = counts ? null : reply.reserve();
        }

        @Override
        public boolean goOn() {
            while (found < wanted && !(scan.hasCursor() && scan.cursor() == 0)) {
                if (loop.turn().isOver()) {
                    return false;
                }
                scan.next(PAGE, this::add);
                page.forEach(this::show);
                close();
            }
            if (place == null) {
                reply.integer(found);
            } else {
                reply.fillArray(place, found);
            }
            return true;
        }

        private void add(byte[] key) {
            loop.turn().spend(Turn.KEY_STEPS);
            loop.turn().spendBytes(key.length);
            if (Slots.of(key) == slot) {
                memory.reserveMore(key.length);
                reserved += key.length;
                page.add(key);
            }
        }

        private void show(byte[] key) {
            if (found < wanted) {
                found++;
                if (place != null) {
                    reply.bulk(key);
                    loop.turn().spend(reply);
                }
            }
        }

        @Override
        public void close() {
            page.clear();
            memory.release(reserved);
            reserved = 0;
        }
    }
}
