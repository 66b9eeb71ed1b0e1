package dev.penstock.tools;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Ports for the nodes of a cluster, which have to be known before they start. */
public final class FreePorts {

    private static final int LOG_PORT_DISTANCE = 10_000;
    private static final int FIRST = 11_000;
    private static final int LAST = 22_000; // above are those that the system gives to connections

    private FreePorts() {}

    /** The first of so many ports in a row that are free now, and so are those of the nodes' logs. */
    public static int first(int count) {
        while (true) {
            int first = ThreadLocalRandom.current().nextInt(FIRST, LAST - count);
            boolean isFree = true;
            for (int port = first; port < first + count && isFree; port++) {
                isFree = isFree(port) && isFree(port + LOG_PORT_DISTANCE);
            }
            if (isFree) {
                return first;
            }
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
