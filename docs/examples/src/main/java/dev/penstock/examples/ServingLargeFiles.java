package dev.penstock.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.server.PenstockServer;
import dev.penstock.server.ServerOptions;
import dev.penstock.store.Store;
import dev.penstock.store.ValueWriter;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** A large file that a program stores and its server sends by HTTP: from the file to the socket, past the heap. */
final class ServingLargeFiles {

    private static final int FILM_BYTES = 32 << 20;

    private ServingLargeFiles() {}

    /** @param arguments the directory of the store */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path film = Files.write(Files.createTempFile("film", ".mkv"), new byte[FILM_BYTES]);
        ServerOptions options = ServerOptions.defaults().withPort(0).withHttpPort(0); // any free ports
        try (Store store = Store.open(Path.of(arguments[0]))) {
            try (FileChannel source = FileChannel.open(film);
                    ValueWriter writer = store.putStream("film.mkv".getBytes(UTF_8), source.size())) {
                while (writer.remaining() > 0 && writer.readFrom(source, 1 << 20) >= 0) {}
                writer.commit();
            }
            try (PenstockServer server = PenstockServer.start(store, options);
                    HttpClient client = HttpClient.newHttpClient()) {
                int port = server.httpPort().orElseThrow();
                URI address = URI.create("http://localhost:" + port + "/film.mkv");
                HttpRequest seek = HttpRequest.newBuilder(address)
                        .header("Range", "bytes=1000000-1000099")
                        .build();
                HttpResponse<byte[]> part = client.send(seek, HttpResponse.BodyHandlers.ofByteArray());
                IO.println("status " + part.statusCode() + ", " + part.body().length + " bytes, "
                        + part.headers().firstValue("Content-Range").orElse("no range"));
            }
        } finally {
            Files.delete(film);
        }
    }
}
