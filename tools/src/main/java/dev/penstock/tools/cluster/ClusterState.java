package dev.penstock.tools.cluster;

import dev.penstock.tools.client.RespConnection;
import dev.penstock.tools.client.ServerAccess;
import dev.penstock.tools.client.ServerAddress;
import dev.penstock.tools.process.ExitCode;
import dev.penstock.tools.process.ToolException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A cluster as its nodes describe it, each of itself, at about the same time.
 *
 * @param nodes in the order in which the cluster lists them
 */
public record ClusterState(List<NodeState> nodes) {

    private static final long PATIENCE_SECONDS = 3;

    public ClusterState {
        nodes = List.copyOf(nodes);
    }

    /**
     * Asks all nodes of a cluster.
     *
     * @param seeds addresses of some of its nodes, of which one has to answer
     * @param access to any of them; its own address does not matter
     * @throws IOException if none of them does
     * @throws ToolException if the one that answers is not a node of a cluster
     */
    public static ClusterState ask(List<String> seeds, ServerAccess access) throws IOException, InterruptedException {
        IOException failure = null;
        for (String seed : seeds) {
            try {
                return new ClusterState(askAll(addresses(access.at(ServerAddress.parse(seed))), access));
            } catch (IOException e) {
                failure = failure == null ? e : failure;
            }
        }
        throw failure == null ? new IOException("no address of a node is known") : failure;
    }

    /** The addresses in CLUSTER NODES. */
    private static List<String> addresses(ServerAccess seed) throws IOException {
        try (RespConnection connection = RespConnection.open(seed)) {
            if (!connection.request("INFO", "replication").asText().contains("group_name:")) {
                throw new ToolException(ExitCode.USAGE, seed.address() + " is not a node of a Penstock cluster");
            }
            return connection
                    .request("CLUSTER", "NODES")
                    .asText()
                    .lines()
                    .map(line -> line.split(" ", -1)[1].replaceFirst("@.*", ""))
                    .toList();
        }
    }

    /** All at once: one that does not answer must not delay the others. */
    private static List<NodeState> askAll(List<String> addresses, ServerAccess access) throws InterruptedException {
        Map<String, FutureTask<NodeState>> answers = new LinkedHashMap<>();
        for (String address : addresses) {
            FutureTask<NodeState> answer = new FutureTask<>(() -> askOne(address, access));
            answers.put(address, answer);
            Thread.ofPlatform().daemon().name("penstock-ask-" + address).start(answer);
        }
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        List<NodeState> nodes = new ArrayList<>();
        for (Map.Entry<String, FutureTask<NodeState>> each : answers.entrySet()) {
            nodes.add(await(each.getKey(), each.getValue(), deadline));
        }
        return nodes;
    }

    private static NodeState await(String address, FutureTask<NodeState> answer, long deadline)
            throws InterruptedException {
        try {
            return answer.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return NodeState.unreachable(address, "no answer within " + PATIENCE_SECONDS + " s");
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    private static NodeState askOne(String address, ServerAccess access) {
        try (RespConnection connection = RespConnection.open(access.at(ServerAddress.parse(address)))) {
            return NodeState.of(
                    address, connection.request("INFO", "replication").asText());
        } catch (IOException e) {
            String problem = String.valueOf(e.getMessage());
            String prefix = address + ": ";
            return NodeState.unreachable(
                    address, problem.startsWith(prefix) ? problem.substring(prefix.length()) : problem);
        }
    }

    /** The node that leads: of several that say so, as after a partition, the one of the newest term. */
    public Optional<NodeState> leader() {
        return nodes.stream()
                .filter(NodeState::isLeading)
                .reduce((one, other) -> other.term() > one.term() ? other : one);
    }

    /** The name of the cluster. */
    public String group() {
        return nodes.stream()
                .map(NodeState::group)
                .filter(name -> !name.isEmpty())
                .findFirst()
                .orElse("");
    }

    /** The newest term that a node knows. */
    public long term() {
        return nodes.stream().mapToLong(NodeState::term).max().orElse(0);
    }

    /** The newest entry that a node knows to be committed. */
    public long committed() {
        return nodes.stream().mapToLong(NodeState::committed).max().orElse(0);
    }

    /** How many entries a node is behind. */
    public long lag(NodeState node) {
        return Math.max(0, committed() - node.applied());
    }

    /** Whether a node leads, and all can be reached and execute entries. */
    public boolean isSound() {
        return leader().isPresent() && nodes.stream().allMatch(node -> node.problem() == null && !node.hasFault());
    }
}
