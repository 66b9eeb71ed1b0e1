package dev.penstock.bench.server;

import dev.penstock.bench.process.ServerProcess;
import java.io.IOException;
import java.nio.file.Path;

/** From the command to the first PONG, on an empty store, with all cores: what a person waits for. */
final class StartUp {

    private StartUp() {}

    static ServerSample measure(ServerKind kind, Path folder, int round) throws IOException {
        long start = System.nanoTime();
        ServerProcess server = kind.start(folder, Cores.ALL);
        double millis = (System.nanoTime() - start) / 1e6;
        server.close();
        return new ServerSample("start to first PONG", kind, round, millis, "ms", Double.NaN, "-");
    }
}
