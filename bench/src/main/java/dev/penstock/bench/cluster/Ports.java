package dev.penstock.bench.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/** Finds free ports for servers that need two each, at a fixed distance. */
final class Ports {

    private static final int FIRST = 17_000;
    private static final int LAST = 22_000;

    private Ports() {}

    /** Ports below the ephemeral range that were free a moment ago, as those were that are so much higher. */
    static List<Integer> free(int count, int distance) throws IOException {
        List<Integer> ports = new ArrayList<>();
        for (int port = FIRST; port < LAST && ports.size() < count; port++) {
            if (isFree(port) && isFree(port + distance)) {
                ports.add(port);
            }
        }
        if (ports.size() < count) {
            throw new IOException("no " + count + " ports from " + FIRST + " to " + LAST + " are free");
        }
        return ports;
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException taken) {
            return false;
        }
    }
}
