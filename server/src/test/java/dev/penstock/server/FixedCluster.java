package dev.penstock.server;

import dev.penstock.server.shard.ClusterMap;
import dev.penstock.server.shard.ClusterNode;
import dev.penstock.server.shard.MapRouter;
import dev.penstock.server.shard.SlotRange;
import dev.penstock.server.shard.Slots;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Three servers with stores of their own that share the slots by a map that only a test changes. Nothing is replicated:
 * the next node is named as the replica of each.
 */
public final class FixedCluster implements AutoCloseable {

    public static final int NODES = 3;

    private final List<TestServer> servers = new ArrayList<>();
    private final List<MapRouter> routers = new ArrayList<>();
    private final List<AtomicReference<ClusterMap>> maps = new ArrayList<>();

    public FixedCluster(Path directory) throws IOException {
        this(directory, Duration.ZERO);
    }

    /** @param longestWait how long requests wait for a leader */
    FixedCluster(Path directory, Duration longestWait) throws IOException {
        boolean started = false;
        try {
            for (int node = 0; node < NODES; node++) {
                AtomicReference<ClusterMap> map = new AtomicReference<>(alone(node));
                maps.add(map);
                MapRouter router = new MapRouter(map::get, longestWait);
                routers.add(router);
                servers.add(new TestServer(directory.resolve("node" + node), router));
            }
            publish(1, NODES);
            started = true;
        } finally {
            if (!started) {
                close();
            }
        }
    }

    private static ClusterMap alone(int index) {
        ClusterNode node = node(index, 0);
        return new ClusterMap(
                0, node, List.of(node), List.of(new SlotRange(0, Slots.COUNT - 1, node, List.of(), false)));
    }

    private static ClusterNode node(int index, int port) {
        return new ClusterNode(Integer.toString(index + 1).repeat(40), "127.0.0.1", port, port + 10_000, true);
    }

    /** Gives every node a map in which the first so many nodes share the slots, in ranges of about one length. */
    public void publish(long epoch, int leaders) {
        publish(epoch, leaders, true);
    }

    /** @param lastIsServed whether the last of the ranges has a leader that serves */
    void publish(long epoch, int leaders, boolean lastIsServed) {
        List<ClusterNode> nodes = new ArrayList<>();
        for (int index = 0; index < NODES; index++) {
            nodes.add(node(index, port(index)));
        }
        List<SlotRange> ranges = new ArrayList<>();
        for (int index = 0; index < leaders; index++) {
            ranges.add(new SlotRange(
                    first(index, leaders),
                    first(index + 1, leaders) - 1,
                    nodes.get(index),
                    List.of(nodes.get((index + 1) % NODES)),
                    lastIsServed || index < leaders - 1));
        }
        for (int index = 0; index < NODES; index++) {
            maps.get(index).set(new ClusterMap(epoch, nodes.get(index), nodes, ranges));
            routers.get(index).mapChanged();
        }
    }

    private static int first(int index, int leaders) {
        return Slots.COUNT * index / leaders;
    }

    /** Which node has the slot while three of them share all. */
    public static int nodeOf(String key) {
        int slot = Slots.of(key.getBytes(StandardCharsets.ISO_8859_1));
        int node = 0;
        while (first(node + 1, NODES) <= slot) {
            node++;
        }
        return node;
    }

    public int port(int node) {
        return servers.get(node).port();
    }

    public TestServer server(int node) {
        return servers.get(node);
    }

    @Override
    public void close() {
        servers.forEach(TestServer::close);
    }
}
