package dev.penstock.tools.cluster;

import dev.penstock.tools.client.ServerInfo;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a node says of itself, or why it says nothing.
 *
 * @param address where clients reach it
 * @param name of the node; empty if it did not answer
 * @param group the name of its cluster; empty if it did not answer
 * @param isLeading whether it leads itself
 * @param term the newest that it knows
 * @param committed the newest entry that it knows to be committed
 * @param applied the newest entry that it has executed
 * @param hasFault whether it cannot execute an entry at the moment
 * @param problem why it did not answer; null if it did
 */
public record NodeState(
        String address,
        String name,
        String group,
        boolean isLeading,
        long term,
        long committed,
        long applied,
        boolean hasFault,
        @Nullable String problem) {

    /**
     * Reads the answer of a node.
     *
     * @param info the text of its section {@code replication} of INFO
     */
    static NodeState of(String address, String info) {
        Map<String, String> lines = ServerInfo.parse(info);
        if (!lines.containsKey("group_name")) {
            return unreachable(address, "not a node of a Penstock cluster");
        }
        return new NodeState(
                address,
                lines.getOrDefault("group_node", ""),
                lines.getOrDefault("group_name", ""),
                lines.getOrDefault("role", "").equals("master"),
                number(lines, "group_term"),
                number(lines, "group_committed"),
                number(lines, "group_applied"),
                number(lines, "group_fault") != 0,
                null);
    }

    static NodeState unreachable(String address, String problem) {
        return new NodeState(address, "", "", false, 0, 0, 0, false, problem);
    }

    private static long number(Map<String, String> lines, String name) {
        String text = lines.getOrDefault(name, "");
        return text.matches("-?[0-9]{1,18}") ? Long.parseLong(text) : 0;
    }

    /** In one word. */
    public String state() {
        if (problem != null) {
            return "unreachable";
        }
        return isLeading ? "leads" : "follows";
    }
}
