package dev.penstock.tools.cluster;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A node in the list of a cluster's nodes.
 *
 * @param name of the node, for its whole life
 * @param host where clients and the other nodes reach it: a name, or an address of IPv4
 * @param port where clients reach it
 * @param logPort where the other nodes reach it
 */
public record Peer(String name, String host, int port, int logPort) {

    /** The port of the log, if no other is given, is the port for clients plus this. */
    public static final int LOG_PORT_DISTANCE = 10_000;

    /** The largest number that a port can have. */
    public static final int MOST_PORT = 65_535;

    private static final Pattern FORM =
            Pattern.compile("([A-Za-z0-9_.-]{1,64})=([A-Za-z0-9_.-]+):([0-9]{1,5})(?::([0-9]{1,5}))?");

    /**
     * Parses a list of nodes: {@code NAME=HOST:PORT} or {@code NAME=HOST:PORT:LOGPORT}, with commas between them.
     *
     * @return the nodes, in the order of their names
     * @throws IllegalArgumentException if it is none, names a node or a port of a host twice, or has an even number of
     *     nodes
     */
    public static List<Peer> parseAll(String text) {
        Map<String, Peer> peers = new TreeMap<>();
        for (String each : text.split(",", -1)) {
            Peer peer = parse(each.strip());
            if (peers.put(peer.name, peer) != null) {
                throw new IllegalArgumentException("two nodes have the name " + peer.name);
            }
        }
        if (peers.size() % 2 == 0) {
            throw new IllegalArgumentException(
                    "a cluster has an odd number of nodes, so that more than half of them can agree, not "
                            + peers.size());
        }
        Map<String, Long> addresses = peers.values().stream()
                .flatMap(peer -> Stream.of(peer.host + ":" + peer.port, peer.host + ":" + peer.logPort))
                .collect(Collectors.groupingBy(address -> address, Collectors.counting()));
        addresses.forEach((address, count) -> {
            if (count > 1) {
                throw new IllegalArgumentException(address + " is used twice");
            }
        });
        return peers.values().stream().sorted(Comparator.comparing(Peer::name)).toList();
    }

    private static Peer parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException(
                    "a node is NAME=HOST:PORT or NAME=HOST:PORT:LOGPORT, with a name or IPv4 address as HOST, not '"
                            + text + "'");
        }
        int port = port(form.group(3));
        String logPort = form.group(4);
        if (logPort == null && port > MOST_PORT - LOG_PORT_DISTANCE) {
            throw new IllegalArgumentException(
                    "the port for the log of " + form.group(1) + ", " + port + " + " + LOG_PORT_DISTANCE + ", is above "
                            + MOST_PORT + "; give another one, as in NAME=HOST:PORT:LOGPORT");
        }
        return new Peer(form.group(1), form.group(2), port, logPort == null ? port + LOG_PORT_DISTANCE : port(logPort));
    }

    private static int port(String digits) {
        int port = Integer.parseInt(digits);
        if (port < 1 || port > MOST_PORT) {
            throw new IllegalArgumentException("a port is from 1 to " + MOST_PORT + ", not " + digits);
        }
        return port;
    }

    /** Host and port, as a client is given them. */
    public String address() {
        return host + ":" + port;
    }

    /** Whether only programs of this machine reach it. */
    public boolean isLocal() {
        return host.equals("localhost") || host.matches("127(\\.[0-9]{1,3}){3}");
    }

    @Override
    public String toString() {
        return name + "=" + host + ":" + port + ":" + logPort;
    }
}
