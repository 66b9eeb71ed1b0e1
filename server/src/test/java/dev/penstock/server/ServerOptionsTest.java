package dev.penstock.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.config.SettingTable;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a server is told is what it does. */
class ServerOptionsTest {

    @TempDir
    Path folder;

    /** The name of a file is bytes. What is no text in the locale's encoding looks like the name of another file. */
    @Test
    void theFileThatIsOpenedIsTheOneThatWasNamed() throws Exception {
        Path named = Path.of(URI.create(folder.toUri() + "s%E9cret"));
        Path socket = Path.of(URI.create(folder.toUri() + "d%E9r"));
        ServerOptions options = ServerOptions.defaults().withPasswordFile(named).withUnixSocket(socket);
        assertEquals(named, options.passwordFile().orElseThrow());
        try (TestServer server =
                new TestServer(folder.resolve("store"), ServerOptions.defaults().withUnixSocket(socket))) {
            assertTrue(server.port() > 0 && Files.exists(socket));
        }
        assertThrows(IllegalArgumentException.class, () -> options.with(SettingTable.BIND, named));
        assertThrows(IllegalArgumentException.class, () -> options.withUsersFile(Path.of("")));
    }
}
