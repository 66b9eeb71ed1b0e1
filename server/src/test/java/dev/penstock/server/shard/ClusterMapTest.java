package dev.penstock.server.shard;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.penstock.server.resp.CommandError;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A node is found by its id, whatever else was heard of it later. */
class ClusterMapTest {

    private static ClusterNode node(String digit, boolean isReachable) {
        return new ClusterNode(digit.repeat(40), "127.0.0.1", 1, 2, isReachable);
    }

    @Test
    void anOlderPictureOfANodeIsTheSameNode() {
        ClusterNode myself = node("a", true);
        ClusterNode other = node("b", true);
        SlotRange mine = new SlotRange(0, 9, node("a", false), List.of(), true);
        SlotRange copied = new SlotRange(10, Slots.COUNT - 1, other, List.of(node("a", false)), true);
        ClusterMap map = new ClusterMap(1, myself, List.of(myself, other), List.of(mine, copied));

        MapRouter router = new MapRouter(() -> map);
        assertDoesNotThrow(() -> router.admit(9, false));
        assertDoesNotThrow(() -> router.admit(10, true));
        assertThrows(CommandError.class, () -> router.admit(10, false));
        assertEquals(List.of(mine), map.ledBy(myself));
        assertEquals(List.of(copied), map.replicatedBy(myself));
        assertEquals(List.of(copied), map.ledBy(other));
        assertEquals(List.of(), map.replicatedBy(other));
    }
}
