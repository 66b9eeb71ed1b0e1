package dev.penstock.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.shard.ClusterMap;
import dev.penstock.server.shard.ClusterNode;
import dev.penstock.server.shard.GroupState;
import dev.penstock.server.shard.MapRouter;
import dev.penstock.server.shard.SlotRange;
import dev.penstock.server.shard.Slots;
import dev.penstock.store.Store;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.agrona.concurrent.SystemNanoClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node of a cluster reports of its group, and that a server alone reports nothing of it. */
class GroupReportTest {

    private static final ClusterNode SELF = node('1', 7001, true);
    private static final ClusterNode OTHER = node('2', 7002, true);
    private static final ClusterNode DEAD = node('3', 7003, false);

    @TempDir
    Path directory;

    private static ClusterNode node(char digit, int port, boolean isReachable) {
        return new ClusterNode(String.valueOf(digit).repeat(40), "127.0.0.1", port, port + 10_000, isReachable);
    }

    private static MapRouter router(GroupState group) {
        SlotRange all = new SlotRange(0, Slots.COUNT - 1, SELF, List.of(OTHER, DEAD), true);
        ClusterMap map = new ClusterMap(7, SELF, List.of(SELF, OTHER, DEAD), List.of(all));
        return new MapRouter(() -> map, Duration.ZERO, () -> group);
    }

    private static GroupState leading() {
        return new GroupState(
                "orders",
                "a",
                SELF,
                true,
                7,
                120,
                119,
                1,
                false,
                List.of(new GroupState.Other(DEAD, 90, 65_000), new GroupState.Other(OTHER, 118, 40)));
    }

    private String call(GroupState group, String... command) throws IOException {
        try (TestServer server = new TestServer(directory, router(group));
                RespClient client = server.client()) {
            return client.call(command);
        }
    }

    @Test
    void theLeaderListsTheOtherNodesAsReplicas() throws IOException {
        String info = call(leading(), "INFO", "replication");
        for (String line : List.of(
                "role:master",
                "connected_slaves:1",
                "slave0:ip=127.0.0.1,port=7002,state=online,offset=118,lag=0",
                "slave1:ip=127.0.0.1,port=7003,state=offline,offset=90,lag=65",
                "master_repl_offset:120",
                "group_name:orders",
                "group_node:a",
                "group_leader:127.0.0.1:7001",
                "group_term:7",
                "group_committed:120",
                "group_applied:119",
                "group_waiting:1",
                "group_fault:0")) {
            assertTrue(info.contains("\r\n" + line + "\r\n"), line + " in " + info);
        }
    }

    @Test
    void aFollowerNamesItsLeader() throws IOException {
        GroupState following = new GroupState(
                "orders",
                "a",
                OTHER,
                false,
                7,
                120,
                100,
                20,
                true,
                List.of(new GroupState.Other(OTHER, 120, 1500), new GroupState.Other(DEAD, -1, -1)));
        String info = call(following, "INFO", "replication");
        for (String line : List.of(
                "role:slave",
                "master_host:127.0.0.1",
                "master_port:7002",
                "master_link_status:up",
                "master_last_io_seconds_ago:1",
                "slave_repl_offset:100",
                "group_fault:1")) {
            assertTrue(info.contains("\r\n" + line + "\r\n"), line + " in " + info);
        }
    }

    @Test
    void theRoleIsThatInTheGroup() throws IOException {
        assertEquals(
                "*3\r\n$6\r\nmaster\r\n:120\r\n*1\r\n*3\r\n$9\r\n127.0.0.1\r\n$4\r\n7002\r\n$3\r\n118\r\n",
                call(leading(), "ROLE"));
        assertTrue(call(leading(), "HELLO").contains("$4\r\nrole\r\n$6\r\nmaster\r\n"));
        GroupState following = new GroupState("orders", "a", OTHER, false, 7, 120, 100, 20, false, List.of());
        assertEquals(
                "*5\r\n$5\r\nslave\r\n$9\r\n127.0.0.1\r\n:7002\r\n$9\r\nconnected\r\n:100\r\n",
                call(following, "ROLE"));
        assertTrue(call(following, "HELLO").contains("$4\r\nrole\r\n$7\r\nreplica\r\n"));
        GroupState leaderless = new GroupState("orders", "a", null, false, 7, 120, 120, 0, false, List.of());
        assertEquals("*5\r\n$5\r\nslave\r\n$0\r\n\r\n:0\r\n$7\r\nconnect\r\n:120\r\n", call(leaderless, "ROLE"));
    }

    @Test
    void withoutALeaderTheLinkIsDown() throws IOException {
        GroupState leaderless = new GroupState("orders", "a", null, false, 7, 120, 120, 0, false, List.of());
        String info = call(leaderless, "INFO", "replication");
        assertTrue(info.contains("\r\nmaster_link_status:down\r\n"), info);
        assertTrue(info.contains("\r\ngroup_leader:\r\n"), info);
        assertFalse(info.contains("master_host"), info);
    }

    @Test
    void theMapShowsOffsetsAndWhoIsNotReachable() throws IOException {
        String shards = call(leading(), "CLUSTER", "SHARDS");
        assertEquals(
                List.of("119", "118", "90"),
                shards.lines()
                        .dropWhile(line -> !line.equals("replication-offset"))
                        .filter(line -> line.matches(":(119|118|90)"))
                        .map(line -> line.substring(1))
                        .toList(),
                shards);
        String nodes = call(leading(), "CLUSTER", "NODES");
        assertTrue(nodes.contains("127.0.0.1:7002@17002 slave "), nodes);
        assertTrue(nodes.matches("(?s).*127\\.0\\.0\\.1:7003@17003 slave,fail [^\n]* disconnected\n.*"), nodes);
    }

    @Test
    void aServerAloneReportsNoGroup() throws IOException {
        try (TestServer server = new TestServer(directory);
                RespClient client = server.client()) {
            String info = client.call("INFO", "replication");
            assertTrue(info.contains("role:master\r\nconnected_slaves:0\r\n"), info);
            assertFalse(info.contains("group_"), info);
        }
    }

    @Test
    void theStatusPageAndTheMetricsShowTheGroup() throws Exception {
        String page = page(router(leading()), "/");
        assertTrue(page.contains("<h2>Cluster orders: led by this node, term 7</h2>"), page);
        assertTrue(page.contains("<td>a, this node, port "), page);
        assertTrue(page.contains("<td>127.0.0.1:7002</td><td>follows</td><td class=\"n\">2</td>"), page);
        assertTrue(page.contains("<td>127.0.0.1:7003</td><td>unreachable</td><td class=\"n\">30</td>"), page);
        String metrics = page(router(leading()), "/metrics");
        assertTrue(metrics.contains("\npenstock_cluster_leading 1.0\n"), metrics);
        assertTrue(metrics.contains("\npenstock_cluster_reachable_nodes 2.0\n"), metrics);
        assertTrue(metrics.contains("\npenstock_cluster_lag_entries 2.0\n"), metrics);
    }

    private String page(MapRouter router, String path) throws Exception {
        try (Store store = Store.open(directory);
                PenstockServer server = PenstockServer.start(
                        store,
                        router,
                        null,
                        ServerOptions.defaults().withPort(0).withMetricsPort(0),
                        SystemNanoClock.INSTANCE);
                HttpClient http = HttpClient.newHttpClient()) {
            URI address = URI.create("http://127.0.0.1:" + server.metricsPort().orElseThrow() + path);
            return http.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString())
                    .body();
        }
    }
}
