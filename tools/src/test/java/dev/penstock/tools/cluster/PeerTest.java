package dev.penstock.tools.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PeerTest {

    @Test
    void aListIsInTheOrderOfTheNamesAndComesBackAsItIs() {
        List<Peer> peers = Peer.parseAll("b=host-2.example:7000:9000,a=10.0.0.1:6380, c=10.0.0.3:6380");
        assertEquals(
                List.of(
                        new Peer("a", "10.0.0.1", 6380, 16_380),
                        new Peer("b", "host-2.example", 7000, 9000),
                        new Peer("c", "10.0.0.3", 6380, 16_380)),
                peers);
        assertEquals(peers, Peer.parseAll(peers.stream().map(Peer::toString).collect(Collectors.joining(","))));
    }

    @Test
    void onlyAddressesOfThisMachineAreLocal() {
        assertTrue(new Peer("a", "127.0.0.1", 1, 2).isLocal());
        assertTrue(new Peer("a", "localhost", 1, 2).isLocal());
        assertFalse(new Peer("a", "10.0.0.1", 1, 2).isLocal());
        assertFalse(new Peer("a", "localhost.example", 1, 2).isLocal());
        assertFalse(new Peer("a", "127.example.com", 1, 2).isLocal());
        assertFalse(new Peer("a", "127.0.0.1.example", 1, 2).isLocal());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            a                          | a node is NAME=HOST:PORT
            a=host                     | a node is NAME=HOST:PORT
            a=[::1]:6380               | a node is NAME=HOST:PORT
            a=h:0                      | a port is from 1 to 65535, not 0
            a=h:65536                  | a port is from 1 to 65535, not 65536
            a=h:60000                  | above 65535; give another one
            a=h:1,b=h:2                | an odd number of nodes
            a=h:1,a=h:2,b=h:3          | two nodes have the name a
            a=h:1,b=h:1:5,c=h:3        | h:1 is used twice
            a=h:1:3,b=h:2,c=h:3        | h:3 is used twice
            """)
    void aListThatCannotBeIsRefused(String text, String problem) {
        String message = assertThrows(IllegalArgumentException.class, () -> Peer.parseAll(text))
                .getMessage();
        assertTrue(message.contains(problem), message);
    }
}
