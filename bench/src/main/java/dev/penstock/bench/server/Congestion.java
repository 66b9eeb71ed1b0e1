package dev.penstock.bench.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The congestion control that new TCP connections of this machine get. It decides in which pieces a kernel sends, so
 * figures differ with it. To choose takes root; the former choice is put back at the end.
 */
final class Congestion implements AutoCloseable {

    private static final Path CHOSEN = Path.of("/proc/sys/net/ipv4/tcp_congestion_control");
    private static final Path AVAILABLE = Path.of("/proc/sys/net/ipv4/tcp_available_congestion_control");

    private final String before;

    private Congestion(String before) {
        this.before = before;
    }

    /** Notes what there is, to go back to it. */
    static Congestion begin() throws IOException {
        Congestion congestion = new Congestion(Files.readString(CHOSEN).strip());
        Runtime.getRuntime().addShutdownHook(new Thread(congestion::close));
        return congestion;
    }

    /** Those of a list that this process may choose; the present one alone if it may choose none. */
    List<String> choosable(List<String> wanted) throws IOException {
        List<String> available = List.of(Files.readString(AVAILABLE).strip().split(" ", -1));
        List<String> found = new ArrayList<>(wanted);
        found.retainAll(available);
        return found.isEmpty() || !Files.isWritable(CHOSEN) ? List.of(before) : found;
    }

    void choose(String name) throws IOException {
        if (!name.equals(Files.readString(CHOSEN).strip())) {
            Files.writeString(CHOSEN, name);
        }
    }

    @Override
    public void close() {
        try {
            choose(before);
        } catch (IOException e) {
            System.err.println("the congestion control was " + before + " before: " + e.getMessage());
        }
    }
}
