package dev.penstock.bench.server;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.penstock.bench.process.BlockingClient;
import dev.penstock.bench.process.ServerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A row of the zero-copy table: a way for values to get from their files to sockets, or the other way. */
enum TransferWay {
    COPY("penstock copy", ServerKind.PENSTOCK, true, "#1b6ca8"),
    MAPPED("penstock mapped", ServerKind.PENSTOCK, true, "#d1495b"),
    SENDFILE("penstock sendfile", ServerKind.PENSTOCK, false, "#2e8b57"),
    SPLICE("penstock splice", ServerKind.PENSTOCK, true, "#8e5ea2"),
    DIRECT("penstock direct", ServerKind.PENSTOCK, false, "#e08e0b"),
    AUTO("penstock auto", ServerKind.PENSTOCK, true, "#17202a"),
    NGINX("nginx sendfile", ServerKind.NGINX, false, "#0aa1a1"),
    REDIS("redis-server", ServerKind.REDIS, true, "#b03a2e"),
    NAIVE_STREAM("naive: stream, 1 KiB buffer", null, true, "#7f8c8d"),
    NAIVE_HEAP("naive: mapped, copied to heap", null, false, "#a07855"),
    NAIVE_TRANSFER("naive: transferTo, transferFrom", null, true, "#5d6d7e");

    private final String label;
    private final @Nullable ServerKind kind;
    private final boolean receives;
    private final String colour;

    TransferWay(String label, @Nullable ServerKind kind, boolean receives, String colour) {
        this.label = label;
        this.kind = kind;
        this.receives = receives;
        this.colour = colour;
    }

    @JsonValue
    String label() {
        return label;
    }

    /** What it is drawn in. */
    String colour() {
        return colour;
    }

    /** Whether it is measured with values that come in as well; the others are no way of their own there. */
    boolean receives() {
        return receives;
    }

    boolean isInstalled() {
        return kind == null || kind.isInstalled();
    }

    boolean isPenstock() {
        return kind == ServerKind.PENSTOCK;
    }

    boolean speaksRedis() {
        return kind == null || kind.speaksRedis();
    }

    /** Whether its values are in files, so that they can be cold. */
    boolean hasFiles() {
        return kind != ServerKind.REDIS;
    }

    /** Starts it on a separate folder, with what the folder holds. */
    ServerProcess start(Path folder) throws IOException {
        if (kind != null && kind != ServerKind.PENSTOCK) {
            return kind.start(folder, Cores.SERVER);
        }
        int port = ServerProcess.freePort();
        Path log = folder.resolveSibling(folder.getFileName() + ".log");
        ServerProcess server = new ServerProcess(Cores.SERVER.bind(command(folder, port)), port, log);
        try {
            server.awaitAnswer(connection -> connection.line(BlockingClient.command("PING")));
            if (isPenstock() && this != AUTO) {
                // Every length by its own way, so that it shows where the way begins to pay.
                configure(server, "transfer-threshold", "256");
            }
            return server;
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private static void configure(ServerProcess server, String name, String value) throws IOException {
        try (BlockingClient connection = new BlockingClient(server.address())) {
            connection.line(BlockingClient.command("CONFIG", "SET", name, value));
        }
    }

    private List<String> command(Path folder, int port) throws IOException {
        if (isPenstock()) {
            List<String> command = new ArrayList<>(ServerKind.PENSTOCK.command(folder, port));
            command.addAll(List.of("--transfer-mode", name(), "--direct-threshold", Long.toString(Long.MAX_VALUE)));
            return command;
        }
        return Stream.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-Xmx2g",
                        "-cp",
                        System.getProperty("java.class.path"),
                        NaiveServer.class.getName(),
                        name(),
                        folder.toString(),
                        Integer.toString(port))
                .toList();
    }
}
