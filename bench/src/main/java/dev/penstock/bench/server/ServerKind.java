package dev.penstock.bench.server;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.penstock.bench.process.BlockingClient;
import dev.penstock.bench.process.ExternalProgram;
import dev.penstock.bench.process.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The servers that are compared, each started by its own command with persistence beyond the process switched off. */
enum ServerKind {
    PENSTOCK("penstock", "./penstock") {
        @Override
        List<String> command(Path folder, int port) {
            return List.of("./penstock", "serve", folder.toString(), "--port", Integer.toString(port));
        }
    },
    REDIS("redis-server", "redis-server") {
        @Override
        List<String> command(Path folder, int port) {
            return Stream.of(
                            List.of("redis-server", "--port", Integer.toString(port), "--bind", "127.0.0.1"),
                            List.of("--save", "", "--appendonly", "no", "--dir", folder.toString()))
                    .flatMap(List::stream)
                    .toList();
        }
    },
    NGINX("nginx", "nginx") {
        @Override
        List<String> command(Path folder, int port) throws IOException {
            Path configuration = Files.writeString(folder.resolve("nginx.conf"), nginxConfiguration(folder, port));
            return List.of(
                    Objects.requireNonNull(ExternalProgram.path("nginx")).toString(),
                    "-p",
                    folder.toString(),
                    "-e",
                    "stderr",
                    "-c",
                    configuration.toString());
        }
    };

    private final String label;
    private final String program;

    ServerKind(String label, String program) {
        this.label = label;
        this.program = program;
    }

    /** The command that serves what is in the folder, or keeps its files there. */
    abstract List<String> command(Path folder, int port) throws IOException;

    @JsonValue
    String label() {
        return label;
    }

    boolean isInstalled() {
        return this == PENSTOCK ? Files.isExecutable(Path.of(program)) : ExternalProgram.isInstalled(program);
    }

    /** Whether it speaks the Redis protocol; the other one speaks HTTP. */
    boolean speaksRedis() {
        return this != NGINX;
    }

    /** Starts the server on a free port and returns once it answers. */
    ServerProcess start(Path folder, Cores cores) throws IOException {
        return start(folder, cores, List.of());
    }

    /** The same with more options on the command line. */
    ServerProcess start(Path folder, Cores cores, List<String> options) throws IOException {
        int port = ServerProcess.freePort();
        Path log = folder.resolveSibling(folder.getFileName() + ".log");
        ServerProcess process = new ServerProcess(
                cores.bind(Stream.concat(command(folder, port).stream(), options.stream())
                        .toList()),
                port,
                log);
        try {
            process.awaitAnswer(speaksRedis() ? ServerKind::ping : connection -> {});
            return process;
        } catch (IOException | RuntimeException e) {
            process.close();
            throw e;
        }
    }

    private static void ping(BlockingClient connection) throws IOException {
        String reply = connection.line(BlockingClient.command("PING"));
        if (!reply.equals("+PONG")) {
            throw new IOException(reply);
        }
    }

    /** One process, sendfile, connections that stay open. */
    private static String nginxConfiguration(Path folder, int port) {
        return """
                daemon off;
                master_process off;
                pid %1$s/nginx.pid;
                events { worker_connections 64; }
                http {
                    access_log off;
                    sendfile on;
                    tcp_nopush on;
                    keepalive_requests 1000000000;
                    default_type application/octet-stream;
                    client_body_temp_path %1$s/body;
                    proxy_temp_path %1$s/proxy;
                    fastcgi_temp_path %1$s/fastcgi;
                    uwsgi_temp_path %1$s/uwsgi;
                    scgi_temp_path %1$s/scgi;
                    server {
                        listen 127.0.0.1:%2$d;
                        root %1$s;
                    }
                }
                """.formatted(folder, port);
    }
}
