package dev.penstock.server.status;

import dev.penstock.server.shard.ClusterNode;
import dev.penstock.server.shard.GroupState;

/** The nodes of a cluster on the status page of one of them: who leads, who is reachable, and who is behind. */
final class GroupTable {

    private final GroupState group;
    private final int port;
    private final StringBuilder html = new StringBuilder();

    /** @param port of this node */
    GroupTable(GroupState group, int port) {
        this.group = group;
        this.port = port;
    }

    String html() {
        ClusterNode leader = group.leader();
        String leading = group.isLeading() ? "this node" : leader == null ? "nobody" : leader.address();
        html.append("<section class=\"nodes\"><h2>Cluster ")
                .append(Text.escaped(group.name()))
                .append(": led by ")
                .append(Text.escaped(leading))
                .append(", term ")
                .append(group.term())
                .append("</h2><table>\n<tr><th>Node</th><th>State</th><th class=\"n\">Entries behind</th>")
                .append("<th class=\"n\">Last heard of</th></tr>\n");
        String state = group.hasFault() ? ", cannot execute an entry" : "";
        row(
                group.self() + ", this node, port " + port,
                (group.isLeading() ? "leads" : "follows") + state,
                Text.number(Math.max(0, group.committed() - group.applied())),
                "");
        for (GroupState.Other other : group.others()) {
            ClusterNode node = other.node();
            boolean leads = leader != null && leader.id().equals(node.id());
            row(
                    node.address(),
                    node.isReachable() ? leads ? "leads" : "follows" : "unreachable",
                    other.committed() < 0 ? "" : Text.number(Math.max(0, group.committed() - other.committed())),
                    other.silentMillis() < 0 ? "" : Text.seconds(other.silentMillis() / 1e3) + " ago");
        }
        return html.append("</table></section>\n").toString();
    }

    private void row(String node, String state, String behind, String heard) {
        html.append("<tr><td>")
                .append(Text.escaped(node))
                .append("</td><td>")
                .append(Text.escaped(state))
                .append("</td><td class=\"n\">")
                .append(Text.escaped(behind))
                .append("</td><td class=\"n\">")
                .append(Text.escaped(heard))
                .append("</td></tr>\n");
    }
}
