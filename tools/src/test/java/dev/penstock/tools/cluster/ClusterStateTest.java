package dev.penstock.tools.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ClusterStateTest {

    private static NodeState node(int port, boolean isLeading, long term, long committed, long applied) {
        return NodeState.of(
                "h:" + port,
                "# Replication\r\nrole:" + (isLeading ? "master" : "slave") + "\r\ngroup_name:g\r\ngroup_node:n" + port
                        + "\r\ngroup_term:" + term + "\r\ngroup_committed:" + committed
                        + "\r\ngroup_applied:" + applied + "\r\ngroup_fault:0\r\n");
    }

    @Test
    void aNodeIsBehindTheNewestEntryThatAnyNodeKnows() {
        NodeState slow = node(2, false, 5, 90, 80);
        ClusterState state = new ClusterState(List.of(node(1, true, 5, 100, 100), slow));
        assertEquals(20, state.lag(slow));
        assertEquals(100, state.committed());
        assertEquals("g", state.group());
        assertTrue(state.isSound());
    }

    /** A leader that was cut off may believe that it still leads. */
    @Test
    void theLeaderIsThatOfTheNewestTerm() {
        NodeState late = node(1, true, 5, 90, 90);
        NodeState current = node(2, true, 6, 100, 100);
        assertEquals(Optional.of(current), new ClusterState(List.of(late, current)).leader());
        assertEquals(Optional.of(current), new ClusterState(List.of(current, late)).leader());
    }

    @Test
    void aClusterIsNotSoundWithoutALeaderOrWithANodeThatIsGoneOrStuck() {
        NodeState leader = node(1, true, 5, 100, 100);
        assertFalse(new ClusterState(List.of(node(2, false, 5, 100, 100))).isSound());
        assertFalse(new ClusterState(List.of(leader, NodeState.unreachable("h:3", "gone"))).isSound());
        NodeState stuck = NodeState.of("h:4", "role:slave\r\ngroup_name:g\r\ngroup_term:5\r\ngroup_fault:1\r\n");
        assertFalse(new ClusterState(List.of(leader, stuck)).isSound());
        assertTrue(new ClusterState(List.of(leader)).isSound());
    }

    @Test
    void aServerOfAnotherKindIsNoNode() {
        NodeState other = NodeState.of("h:5", "# Replication\r\nrole:master\r\nconnected_slaves:0\r\n");
        assertEquals("unreachable", other.state());
        assertEquals("not a node of a Penstock cluster", other.problem());
    }
}
