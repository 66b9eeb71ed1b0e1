package dev.penstock.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Iterator;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;

/** Ports for the nodes of a cluster, which have to be known before they start, and be free when they start again. */
public final class FreePorts {

    private static final int FIRST = 11_000;
    private static final int LAST = 32_000; // above are those that the system gives to connections

    private FreePorts() {}

    /** Different ports that are free now. */
    public static Iterator<Integer> take(int count) {
        SortedSet<Integer> ports = new TreeSet<>();
        while (ports.size() < count) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, LAST);
            if (isFree(port)) {
                ports.add(port);
            }
        }
        return ports.iterator();
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
