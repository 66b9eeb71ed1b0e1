package dev.penstock.bench.server;

import dev.penstock.bench.process.ExternalProgram;
import dev.penstock.bench.process.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** Starts the servers that are compared by HTTP: Penstock, and nginx with sendfile and WebDAV's PUT. */
final class HttpPeer {

    private HttpPeer() {}

    /** Starts a server whose address is that of HTTP, and returns once it takes connections. */
    static ServerProcess start(ServerKind kind, Path folder) throws IOException {
        int port = ServerProcess.freePort();
        List<String> command = kind == ServerKind.NGINX ? nginx(folder, port) : penstock(folder, port);
        Path log = folder.resolveSibling(folder.getFileName() + ".log");
        ServerProcess process = new ServerProcess(Cores.SERVER.bind(command), port, log);
        try {
            process.awaitAnswer(connection -> {});
            return process;
        } catch (IOException | RuntimeException e) {
            process.close();
            throw e;
        }
    }

    private static List<String> penstock(Path folder, int port) throws IOException {
        String redisPort = Integer.toString(ServerProcess.freePort());
        return List.of(
                "./penstock", "serve", folder.toString(), "--port", redisPort, "--http-port", Integer.toString(port));
    }

    /** One process, sendfile with its head in the same segment, connections that stay open. */
    private static List<String> nginx(Path folder, int port) throws IOException {
        String configuration = """
                daemon off;
                master_process off;
                pid %1$s/nginx.pid;
                events { worker_connections 256; }
                http {
                    access_log off;
                    sendfile on;
                    tcp_nopush on;
                    keepalive_requests 1000000000;
                    default_type application/octet-stream;
                    client_max_body_size 0;
                    client_body_temp_path %1$s/body;
                    proxy_temp_path %1$s/proxy;
                    fastcgi_temp_path %1$s/fastcgi;
                    uwsgi_temp_path %1$s/uwsgi;
                    scgi_temp_path %1$s/scgi;
                    server {
                        listen 127.0.0.1:%2$d;
                        root %1$s/files;
                        dav_methods PUT;
                    }
                }
                """.formatted(folder, port);
        Files.createDirectories(folder.resolve("files"));
        Path file = Files.writeString(folder.resolve("nginx.conf"), configuration);
        return List.of(
                Objects.requireNonNull(ExternalProgram.path("nginx")).toString(),
                "-p",
                folder.toString(),
                "-e",
                "stderr",
                "-c",
                file.toString());
    }
}
