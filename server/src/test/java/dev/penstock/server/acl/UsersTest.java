package dev.penstock.server.acl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.RespClient;
import dev.penstock.server.ServerOptions;
import dev.penstock.server.TestServer;
import dev.penstock.server.redis.ReplyComparison;
import dev.penstock.store.Store;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Everybody can do what the file says and nothing else, and a file that may be misread is not read. */
class UsersTest {

    private static final String OK = "+OK\r\n";
    private static final String NO_KEY =
            "-NOPERM this user has no permissions to access one of the keys used as arguments\r\n";

    @TempDir
    Path directory;

    private TestServer server;

    @AfterEach
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    private void start(String users) throws IOException {
        start(users, ServerOptions.defaults());
    }

    private void start(String users, ServerOptions options) throws IOException {
        Path file = Files.writeString(directory.resolve("users"), users);
        server = new TestServer(directory.resolve("store"), options.withUsersFile(file));
    }

    private RespClient client(String name, String password) throws IOException {
        RespClient client = server.client();
        assertEquals(OK, client.call("AUTH", name, password));
        return client;
    }

    private static String noCommand(String name) {
        return "-NOPERM this user has no permissions to run the '" + name + "' command\r\n";
    }

    /** The users that the documentation shows may do what it says that they may. */
    @Test
    void theUsersOfTheDocumentationMayNotAdministrate() throws IOException {
        String page = Files.readString(Path.of("../docs/guide/security.md"));
        String file = page.substring(page.indexOf("# ./users\n"), page.indexOf("```", page.indexOf("# ./users\n")));
        assertTrue(file.contains("user reports ") && file.contains("user worker "), file);
        start(file.replaceAll("(user (?:admin|reports|worker) +on )#[0-9a-f]{64}", "$1>pass"));
        try (RespClient admin = client("admin", "pass")) {
            String id = admin.call("CLIENT", "ID").substring(1).strip();
            for (String name : List.of("reports", "worker")) {
                try (RespClient client = client(name, "pass")) {
                    assertEquals(noCommand("client|kill"), client.call("CLIENT", "KILL", "ID", id));
                    for (String category : List.of("admin", "dangerous")) {
                        refusesAllOf(client, ReplyComparison.elements(admin.call("ACL", "CAT", category)));
                    }
                    assertEquals(OK, client.call("CLIENT", "SETNAME", "me"));
                    assertTrue(client.call("CLIENT", "INFO").contains(" name=me "));
                    String own = name.equals("reports") ? "reports:1" : "jobs:1";
                    assertEquals("$-1\r\n", client.call("GET", own));
                    assertEquals(NO_KEY, client.call("GET", "other"));
                    assertTrue(client.call("SCAN", "0").startsWith("*2"));
                }
            }
            try (RespClient reports = client("reports", "pass")) {
                refusesAllOf(reports, ReplyComparison.elements(admin.call("ACL", "CAT", "write")));
            }
            assertEquals("+PONG\r\n", admin.call("PING"));
        }
    }

    private static void refusesAllOf(RespClient client, List<String> names) throws IOException {
        assertTrue(names.size() > 10, names.toString());
        for (String bulk : names) {
            String name = bulk.substring(bulk.indexOf('\n') + 1).strip();
            for (int arguments = 0; arguments < 5; arguments++) {
                String words = name.replace("|", " ") + " 1".repeat(arguments);
                String reply = client.call(words.split(" ", -1));
                assertTrue(
                        reply.equals(noCommand(name)) || reply.startsWith("-ERR wrong number of arguments"),
                        words + ": " + reply);
            }
        }
    }

    @Test
    void aReaderReadsItsKeysAndWritesNothing() throws IOException {
        start("user admin on >root ~* +@all\nuser reader on >pass ~app:* ~b? +@read +@connection\n");
        try (RespClient admin = client("admin", "root");
                RespClient reader = client("reader", "pass")) {
            for (String key : List.of("app:1", "b1", "other")) {
                assertEquals(OK, admin.call("SET", key, "v"));
            }
            assertEquals("$1\r\nv\r\n", reader.call("GET", "app:1"));
            assertEquals("*2\r\n$1\r\nv\r\n$1\r\nv\r\n", reader.call("MGET", "app:1", "b1"));
            assertEquals(NO_KEY, reader.call("GET", "other"));
            assertEquals(NO_KEY, reader.call("MGET", "app:1", "other"));
            assertEquals(NO_KEY, reader.call("STRLEN", "b11"));
            assertEquals(noCommand("set"), reader.call("SET", "app:1", "x"));
            assertEquals(noCommand("del"), reader.call("DEL", "app:1"));
            assertEquals(noCommand("flushall"), reader.call("FLUSHALL"));
            assertEquals(noCommand("config|set"), reader.call("CONFIG", "SET", "timeout", "0"));
            assertEquals(noCommand("shutdown"), reader.call("SHUTDOWN"));
            assertEquals(noCommand("acl|list"), reader.call("ACL", "LIST"));
            assertEquals("+PONG\r\n", reader.call("PING"));
            assertEquals("$1\r\nv\r\n", admin.call("GET", "app:1"));
        }
    }

    @Test
    void aKillByUserMeansThatUserAlone() throws Exception {
        start("user admin on >root ~* +@all\nuser reader on >pass ~* +@read +@connection\n");
        try (RespClient admin = client("admin", "root");
                RespClient reader = client("reader", "pass");
                RespClient nobody = server.client()) {
            assertEquals(":0\r\n", admin.call("CLIENT", "KILL", "USER", "default"));
            assertEquals("-ERR No such user 'nosuch'\r\n", admin.call("CLIENT", "KILL", "USER", "nosuch"));
            assertEquals(":1\r\n", admin.call("CLIENT", "KILL", "USER", "reader"));
            assertEquals("", reader.untilClosed());
            assertEquals("-NOAUTH Authentication required.\r\n", nobody.call("GET", "k"));
            assertEquals("+PONG\r\n", admin.call("PING"));
        }
    }

    @Test
    void whoMayUseConnectionCommandsMayAskAboutCommands() throws IOException {
        start("user admin on >root ~* +@all\nuser reader on >pass ~* +@read +@connection\n");
        try (RespClient reader = client("reader", "pass")) {
            assertTrue(reader.call("COMMAND", "INFO", "get").startsWith("*1\r\n*10\r\n"));
            assertEquals("*1\r\n$1\r\nk\r\n", reader.call("COMMAND", "GETKEYS", "get", "k"));
        }
    }

    /** It must not be in the store before it is refused, and the connection must stay in step. */
    @Test
    void aLargeValueThatMayNotBeWrittenIsDropped() throws IOException {
        start("user writer on >pass ~mine:* +@all\n");
        String large = "x".repeat(3_000_000);
        try (RespClient writer = client("writer", "pass")) {
            long before = server.store().fileBytes();
            assertEquals(NO_KEY, writer.call("SET", "other", large));
            assertEquals(before, server.store().fileBytes());
            assertEquals(OK, writer.call("SET", "mine:1", large));
            assertEquals(":3000000\r\n", writer.call("STRLEN", "mine:1"));
            assertEquals(":1\r\n", writer.call("DBSIZE"));
        }
    }

    /** Patterns are compared with a copy of the key, which may have 512 MiB. */
    @Test
    void aKeyThatIsTooLongIsRefusedBeforeItIsComparedWithPatterns() throws IOException {
        start("user writer on >pass ~mine:* +@all\n");
        String tooLong = "k".repeat(Store.MAX_KEY_LENGTH + 1);
        try (RespClient writer = client("writer", "pass")) {
            String refusal = "-ERR key is longer than " + Store.MAX_KEY_LENGTH + " bytes\r\n";
            assertEquals(refusal, writer.call("SET", tooLong, "v"));
            assertEquals(refusal, writer.call("SET", tooLong, "v".repeat(3_000_000)));
            assertEquals(NO_KEY, writer.call("SET", tooLong.substring(1), "v"));
        }
    }

    @Test
    void ofTwoRulesTheLastCounts() throws IOException {
        start("""
                user a on nopass ~* +@all -@admin +config|get
                user b on nopass ~* +client -client|kill
                user c on nopass ~* +@all -@all +get
                """);
        try (RespClient a = client("a", "x");
                RespClient b = client("b", "x");
                RespClient c = client("c", "x")) {
            assertTrue(a.call("CONFIG", "GET", "timeout").startsWith("*2\r\n"));
            assertEquals(noCommand("config|set"), a.call("CONFIG", "SET", "timeout", "0"));
            assertEquals("$-1\r\n", a.call("GET", "k"));
            assertTrue(b.call("CLIENT", "ID").startsWith(":"));
            assertEquals(noCommand("client|kill"), b.call("CLIENT", "KILL", "ID", "1"));
            assertEquals(noCommand("get"), b.call("GET", "k"));
            assertEquals("$-1\r\n", c.call("GET", "k"));
            assertEquals(noCommand("set"), c.call("SET", "k", "v"));
            assertEquals(noCommand("ping"), c.call("PING"));
            assertEquals(OK, c.call("QUIT"), "whoever is let in may go");
        }
    }

    @Test
    void whoTheClientIsCanBeAskedAndChanges() throws IOException {
        start("user default on nopass ~* +@all\nuser other on >a >b ~* +@all\nuser gone off >c ~* +@all\n");
        try (RespClient client = server.client()) {
            assertEquals("$7\r\ndefault\r\n", client.call("ACL", "WHOAMI"));
            assertEquals(OK, client.call("AUTH", "other", "b"));
            assertEquals("$5\r\nother\r\n", client.call("ACL", "WHOAMI"));
            assertTrue(client.call("CLIENT", "LIST").contains(" user=other "));
            assertEquals("*3\r\n$7\r\ndefault\r\n$4\r\ngone\r\n$5\r\nother\r\n", client.call("ACL", "USERS"));
            String list = client.call("ACL", "LIST");
            assertTrue(list.contains("user default on nopass ~* +@all\r\n"), list);
            assertTrue(
                    list.contains("user gone off #2e7d2c03a9507ae265ecf5b5356885a53393a2029d241394997265a1a25aefc6"),
                    list);
            assertEquals("+RESET\r\n", client.call("RESET"));
            assertEquals("$7\r\ndefault\r\n", client.call("ACL", "WHOAMI"));
            String wrong = "-WRONGPASS invalid username-password pair or user is disabled.\r\n";
            assertEquals(wrong, client.call("AUTH", "gone", "c"));
            assertEquals("$7\r\ndefault\r\n", client.call("ACL", "WHOAMI"));
        }
    }

    @Test
    void categoriesAndTheirCommandsAreTold() throws IOException {
        start("user default on nopass ~* +@all\n");
        try (RespClient client = server.client()) {
            assertTrue(client.call("ACL", "CAT").contains("$9\r\ndangerous\r\n"));
            String read = client.call("ACL", "CAT", "READ");
            assertTrue(read.contains("\r\nget\r\n") && !read.contains("\r\nset\r\n"), read);
            assertTrue(client.call("ACL", "CAT", "dangerous").contains("\r\nflushall\r\n"));
            assertEquals("-ERR Unknown category 'nosuch'\r\n", client.call("ACL", "CAT", "nosuch"));
        }
    }

    /** A file of users is a wish that not everybody is let in. */
    @Test
    void withoutAWordAboutDefaultNobodyGetsInUnnamed() throws IOException {
        start("user a on >x ~* +@all\n", ServerOptions.defaults().withBind(List.of("0.0.0.0")));
        try (RespClient client = server.client()) {
            assertEquals("-NOAUTH Authentication required.\r\n", client.call("PING"));
            assertEquals(OK, client.call("AUTH", "a", "x"));
        }
    }

    @Test
    void thePasswordOfDefaultMayComeFromItsOwnFile() throws IOException {
        start("user a on >x ~* +@all\n", ServerOptions.defaults().withPassword("secret"));
        try (RespClient client = server.client()) {
            assertEquals("-NOAUTH Authentication required.\r\n", client.call("PING"));
            assertEquals(OK, client.call("AUTH", "secret"));
            assertEquals("$7\r\ndefault\r\n", client.call("ACL", "WHOAMI"));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "usr a on | line 2: a line is 'user NAME RULE ...'",
                "user | line 2: a line is 'user NAME RULE ...'",
                "user a on ~* +@raed | line 2: there is no command or category '@raed'",
                "user a on ~* +gett | line 2: there is no command or category 'gett'",
                "user a on ~* -config&nosuch | line 2: there is no command or category 'config&nosuch'",
                "user a on %R~x +@all | line 2: there is no rule '%r~x'",
                "user a on #abc | line 2: after '#' come the 64 hexadecimal digits of a SHA-256 digest",
                "user a on\\nuser a off | line 3: 'a' is there twice"
            })
    void aLineThatMakesNoSenseKeepsTheServerFromStarting(String lines, String complaint) {
        String file = "# users\n" + lines.translateEscapes().replace('&', '|') + "\n";
        IllegalArgumentException refusal =
                assertThrows(IllegalArgumentException.class, () -> start(file, ServerOptions.defaults()));
        assertTrue(refusal.getMessage().endsWith(complaint.replace('&', '|')), refusal.getMessage());
    }

    @Test
    void anOpenUserIsNoGuardAgainstOtherMachines() {
        ServerOptions reachable = ServerOptions.defaults().withBind(List.of("0.0.0.0"));
        assertThrows(IllegalArgumentException.class, () -> start("user default on nopass ~* +@all\n", reachable));
    }

    /** Rules that a user begins without: nothing is allowed, whatever is asked. */
    @Test
    void aUserWithoutRulesCanDoNothing() throws IOException {
        start("user none on >x\n");
        try (RespClient client = client("none", "x")) {
            assertEquals(noCommand("get"), client.call("GET", "k"));
            assertEquals(noCommand("acl|whoami"), client.call("ACL", "WHOAMI"));
        }
    }
}
