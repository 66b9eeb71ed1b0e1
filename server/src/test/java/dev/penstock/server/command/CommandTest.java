package dev.penstock.server.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.RespClient;
import dev.penstock.server.TestServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each command over a real socket against a real store, reply by reply. */
class CommandTest {

    private static final String OK = "+OK\r\n";
    private static final String NIL = "$-1\r\n";
    private static final String SYNTAX_ERROR = "-ERR syntax error\r\n";
    private static final String NOT_AN_INTEGER = "-ERR value is not an integer or out of range\r\n";

    @TempDir
    Path directory;

    private TestServer server;
    private RespClient client;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer(directory);
        client = server.client();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    private void expect(String reply, String... words) throws IOException {
        assertEquals(reply, client.call(words), String.join(" ", words));
    }

    @Test
    void pingAndEcho() throws IOException {
        expect("+PONG\r\n", "PING");
        expect("+PONG\r\n", "pInG");
        expect("$2\r\nhi\r\n", "PING", "hi");
        expect("-ERR wrong number of arguments for 'ping' command\r\n", "PING", "a", "b");
        expect("$0\r\n\r\n", "ECHO", "");
        expect("$6\r\na\r\nb\0c\r\n", "ECHO", "a\r\nb\0c");
        expect("-ERR wrong number of arguments for 'echo' command\r\n", "ECHO");
    }

    @Test
    void setAndGet() throws IOException {
        expect(NIL, "GET", "k");
        expect(OK, "SET", "k", "v");
        expect("$1\r\nv\r\n", "GET", "k");
        expect(OK, "SET", "", "");
        expect("$0\r\n\r\n", "GET", "");
        expect(NIL, "SET", "k", "w", "NX");
        expect(OK, "SET", "k", "w", "xx");
        expect(NIL, "SET", "other", "w", "XX");
        expect(OK, "SET", "other", "o", "NX");
        expect("$1\r\nw\r\n", "SET", "k", "x", "GET");
        expect("$1\r\nx\r\n", "SET", "k", "y", "NX", "GET");
        expect("$1\r\nx\r\n", "GET", "k");
        expect(NIL, "SET", "fresh", "f", "GET", "NX");
        expect("$1\r\nf\r\n", "GET", "fresh");
        expect(OK, "SET", "k", "z", "KEEPTTL");
        expect(SYNTAX_ERROR, "SET", "k", "v", "NX", "XX");
        expect(SYNTAX_ERROR, "SET", "k", "v", "nonsense");
        expect("-ERR wrong number of arguments for 'set' command\r\n", "SET", "k");
        expect("$1\r\nz\r\n", "GET", "k");
    }

    @Test
    void theFamilyOfGetAndSet() throws IOException {
        expect(":1\r\n", "SETNX", "k", "v");
        expect(":0\r\n", "SETNX", "k", "w");
        expect("$1\r\nv\r\n", "GETSET", "k", "w");
        expect(NIL, "GETSET", "new", "n");
        expect("$1\r\nw\r\n", "GETDEL", "k");
        expect(NIL, "GETDEL", "k");
        expect(":3\r\n", "APPEND", "a", "abc");
        expect(":5\r\n", "APPEND", "a", "de");
        expect(":5\r\n", "APPEND", "a", "");
        expect("$5\r\nabcde\r\n", "GET", "a");
        expect(":5\r\n", "STRLEN", "a");
        expect(":0\r\n", "STRLEN", "none");
        expect(OK, "MSET", "m1", "1", "m2", "2");
        expect("*3\r\n$1\r\n1\r\n$-1\r\n$1\r\n2\r\n", "MGET", "m1", "none", "m2");
        expect("-ERR wrong number of arguments for 'mset' command\r\n", "MSET", "a", "b", "c");
    }

    @Test
    void rangesOfAValue() throws IOException {
        client.call("SET", "k", "Hello, world");
        expect("$5\r\nHello\r\n", "GETRANGE", "k", "0", "4");
        expect("$5\r\nworld\r\n", "SUBSTR", "k", "-5", "-1");
        expect("$12\r\nHello, world\r\n", "GETRANGE", "k", "0", "-1");
        expect("$12\r\nHello, world\r\n", "GETRANGE", "k", "-100", "9223372036854775807");
        expect("$0\r\n\r\n", "GETRANGE", "k", "5", "3");
        expect("$0\r\n\r\n", "GETRANGE", "k", "-1", "-5");
        expect("$0\r\n\r\n", "GETRANGE", "k", "12", "20");
        expect("$1\r\nH\r\n", "GETRANGE", "k", "-100", "-12");
        expect("$0\r\n\r\n", "GETRANGE", "none", "0", "-1");
        expect(NOT_AN_INTEGER, "GETRANGE", "k", "a", "1");
        expect(NOT_AN_INTEGER, "GETRANGE", "k", "0", "9223372036854775808");
    }

    @Test
    void keysAreCountedTypedAndDeleted() throws IOException {
        client.call("MSET", "a", "1", "b", "22", "c", "x".repeat(50));
        expect(":3\r\n", "DBSIZE");
        expect(":3\r\n", "EXISTS", "a", "a", "c", "none");
        expect(":2\r\n", "TOUCH", "a", "b", "none");
        expect("+string\r\n", "TYPE", "a");
        expect("+none\r\n", "TYPE", "none");
        expect("$3\r\nint\r\n", "OBJECT", "ENCODING", "a");
        expect("$3\r\nraw\r\n", "OBJECT", "ENCODING", "c");
        expect(NIL, "OBJECT", "ENCODING", "none");
        assertTrue(client.call("MEMORY", "USAGE", "c").startsWith(":"));
        expect(NIL, "MEMORY", "USAGE", "none");
        expect(":2\r\n", "DEL", "a", "b", "none");
        expect(":1\r\n", "UNLINK", "c");
        expect(":0\r\n", "DBSIZE");
        client.call("SET", "k", "v");
        expect(SYNTAX_ERROR, "FLUSHALL", "soon");
        expect(OK, "FLUSHALL", "ASYNC");
        expect(NIL, "GET", "k");
        expect(OK, "FLUSHDB");
        expect("-ERR key is longer than 65536 bytes\r\n", "GET", "k".repeat(65_537));
    }

    @Test
    void scanVisitsEveryKeyAndKeysListsThem() throws IOException {
        Set<String> expected = new HashSet<>();
        for (int i = 0; i < 500; i++) {
            client.call("SET", "key:" + i, "v");
            expected.add("key:" + i);
        }
        Set<String> seen = new HashSet<>();
        String cursor = "0";
        do {
            String[] lines = client.call("SCAN", cursor, "COUNT", "7").split("\r\n", -1);
            cursor = lines[2];
            for (int i = 5; i < lines.length; i += 2) {
                seen.add(lines[i]);
            }
        } while (!cursor.equals("0"));
        assertEquals(expected, seen);
        assertTrue(client.call("KEYS", "*").startsWith("*500\r\n"));
        expect("*1\r\n$6\r\nkey:42\r\n", "KEYS", "key:42");
        expect("*0\r\n", "KEYS", "nothing*");
        assertTrue(client.call("SCAN", "0", "MATCH", "key:1?", "COUNT", "1000").startsWith("*2\r\n$1\r\n0\r\n*10\r\n"));
        expect("*2\r\n$1\r\n0\r\n*0\r\n", "SCAN", "0", "TYPE", "hash", "COUNT", "1000");
        assertTrue(client.call("SCAN", "0", "TYPE", "STRING", "COUNT", "1000").contains("*500\r\n"));
        expect("-ERR invalid cursor\r\n", "SCAN", "x");
        expect(SYNTAX_ERROR, "SCAN", "0", "COUNT", "0");
        expect(NOT_AN_INTEGER, "SCAN", "0", "COUNT", "x");
        expect(SYNTAX_ERROR, "SCAN", "0", "MATCH");
        client.call("SCAN", "18446744073709551615"); // any cursor that Redis could be given gets an answer
    }

    @Test
    void helloIsAnsweredTrulyInBothVersions() throws IOException {
        String second = client.call("HELLO");
        assertTrue(second.startsWith("*14\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n"), second);
        expect("-NOPROTO unsupported protocol version\r\n", "HELLO", "4");
        expect("-ERR Protocol version is not an integer or out of range\r\n", "HELLO", "x");
        expect("-ERR Syntax error in HELLO option 'what'\r\n", "HELLO", "3", "what");
        expect("-WRONGPASS invalid username-password pair or user is disabled.\r\n", "HELLO", "3", "AUTH", "u", "p");
        expect(NIL, "GET", "none");
        String third = client.call("HELLO", "3", "AUTH", "default", "any", "SETNAME", "me");
        assertTrue(third.startsWith("%7\r\n") && third.contains("$5\r\nproto\r\n:3\r\n"), third);
        assertTrue(third.endsWith(
                "$4\r\nmode\r\n$10\r\nstandalone\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n"));
        expect("_\r\n", "GET", "none");
        expect("*1\r\n_\r\n", "MGET", "none");
        expect("$2\r\nme\r\n", "CLIENT", "GETNAME");
        assertTrue(client.call("INFO", "server").startsWith("="));
        assertTrue(client.call("CONFIG", "GET", "save").startsWith("%1\r\n"));
        assertTrue(client.call("COMMAND", "INFO", "get").contains("~2\r\n+readonly\r\n+fast\r\n"));
        expect("+RESET\r\n", "RESET");
        expect(NIL, "CLIENT", "GETNAME");
    }

    @Test
    void clientsAreKnownByNameAndCanBeKilled() throws Exception {
        try (RespClient other = server.client()) {
            String id = other.call("CLIENT", "ID").substring(1).strip();
            expect(OK, "CLIENT", "SETNAME", "me");
            expect(
                    "-ERR Client names cannot contain spaces, newlines or special characters.\r\n",
                    "CLIENT",
                    "SETNAME",
                    "a b");
            expect(OK, "CLIENT", "SETINFO", "LIB-NAME", "test");
            expect(OK, "CLIENT", "SETINFO", "lib-ver", "1.0");
            expect("-ERR Unrecognized option 'lib-x'\r\n", "CLIENT", "SETINFO", "lib-x", "1");
            expect(
                    "-ERR lib-name cannot contain spaces, newlines or special characters.\r\n",
                    "CLIENT",
                    "SETINFO",
                    "lib-name",
                    "a b");
            assertTrue(client.call("CLIENT", "INFO").contains(" name=me "));
            String list = client.call("CLIENT", "LIST");
            assertTrue(list.contains("id=" + id + " ") && list.contains("lib-name=test lib-ver=1.0"), list);
            assertFalse(client.call("CLIENT", "LIST", "ID", id).contains("name=me"));
            expect(OK, "CLIENT", "NO-EVICT", "ON");
            expect(OK, "CLIENT", "NO-TOUCH", "off");
            expect("-ERR No such client\r\n", "CLIENT", "KILL", "1.2.3.4:5");
            expect(":1\r\n", "CLIENT", "KILL", "ID", id);
            assertEquals("", other.untilClosed());
            expect(":0\r\n", "CLIENT", "KILL", "TYPE", "pubsub");
            expect("-ERR unknown subcommand 'nonsense'. Try CLIENT HELP.\r\n", "CLIENT", "nonsense");
            expect("-ERR wrong number of arguments for 'client|setname' command\r\n", "CLIENT", "SETNAME");
            expect("-ERR wrong number of arguments for 'client' command\r\n", "CLIENT");
        }
    }

    @Test
    void ofCriteriaAboutTheSameTheLastOneCountsForAKill() throws Exception {
        try (RespClient first = server.client();
                RespClient second = server.client()) {
            String firstId = first.call("CLIENT", "ID").substring(1).strip();
            String secondId = second.call("CLIENT", "ID").substring(1).strip();
            expect(":1\r\n", "CLIENT", "KILL", "ID", firstId, "TYPE", "pubsub", "id", secondId, "TYPE", "normal");
            assertEquals("", second.untilClosed());
            assertEquals("+PONG\r\n", first.call("PING"));
        }
    }

    @Test
    void repliesCanBeSwitchedOff() throws IOException {
        client.send("CLIENT", "REPLY", "OFF");
        client.send("SET", "k", "v");
        client.send("GET", "k");
        client.send("NOSUCH");
        expect(OK, "CLIENT", "REPLY", "ON");
        client.send("CLIENT", "REPLY", "SKIP");
        client.send("GET", "k");
        expect("$1\r\nv\r\n", "GET", "k");
    }

    @Test
    void whatIsNotSupportedIsUnknownInRedisOwnWords() throws IOException {
        expect("-ERR unknown command 'NOSUCH', with args beginning with: \r\n", "NOSUCH");
        expect("-ERR unknown command 'lpush', with args beginning with: 'a' 'b  c' \r\n", "lpush", "a", "b\r\nc");
        expect(
                "-ERR unknown command '" + "x".repeat(128) + "', with args beginning with: '" + "y".repeat(128)
                        + "' \r\n",
                "x".repeat(200),
                "y".repeat(200),
                "z");
        expect("-ERR unknown command '', with args beginning with: \r\n", "");
        expect("-ERR wrong number of arguments for 'get' command\r\n", "GET");
    }

    @Test
    void whatARefusalShowsOfAnArgumentEndsAtAZeroByteAndHasNoLineEnds() throws IOException {
        expect("-ERR Unsupported option a\r\n", "EXPIRE", "k", "1", "a\0b");
        expect("-ERR Unsupported option a  b\r\n", "EXPIRE", "k", "1", "a\r\nb\r\n");
        expect("-ERR Unsupported option \r\n", "EXPIRE", "k", "1", "\r\n");
        expect("-ERR Unknown option or number of arguments for CONFIG SET - 'a'\r\n", "CONFIG", "SET", "a\0b", "1");
        expect("-ERR No such user 'a'\r\n", "CLIENT", "KILL", "USER", "a\0b");
    }

    @Test
    void commandsDescribeThemselves() throws IOException {
        String count = client.call("COMMAND", "COUNT").substring(1);
        assertTrue(client.call("COMMAND").startsWith("*" + count));
        assertTrue(client.call("COMMAND", "LIST").startsWith("*" + count));
        String info = client.call("COMMAND", "INFO", "get", "nosuch", "client|id");
        assertTrue(
                info.startsWith("*3\r\n*10\r\n$3\r\nget\r\n:2\r\n*2\r\n+readonly\r\n+fast\r\n:1\r\n:1\r\n:1\r\n"),
                info);
        assertTrue(info.contains("$-1\r\n*10\r\n$9\r\nclient|id\r\n"), info);
        assertTrue(client.call("COMMAND", "DOCS", "get").startsWith("*2\r\n$3\r\nget\r\n*8\r\n$7\r\nsummary\r\n"));
        expect("*2\r\n$4\r\nmget\r\n$4\r\nmset\r\n", "COMMAND", "LIST", "FILTERBY", "PATTERN", "m[gs]et");
        expect("-ERR unknown subcommand 'x'. Try COMMAND HELP.\r\n", "COMMAND", "x");
    }

    @Test
    void aPipelineIsAnsweredInOrder() throws Exception {
        int requests = 10_000;
        StringBuilder pipeline = new StringBuilder();
        for (int i = 0; i < requests; i++) {
            pipeline.append("*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$")
                    .append(("" + i).length())
                    .append("\r\n")
                    .append(i)
                    .append("\r\n");
            pipeline.append("GET key\r\n");
        }
        Thread sender = Thread.ofVirtual().start(() -> {
            try {
                client.sendRaw(pipeline.toString());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        for (int i = 0; i < requests; i++) {
            assertEquals(OK, client.reply());
            assertEquals("$" + ("" + i).length() + "\r\n" + i + "\r\n", client.reply());
        }
        sender.join();
    }

    @Test
    void quitAnswersAndCloses() throws IOException {
        client.sendRaw("PING\r\nQUIT\r\nPING\r\n");
        assertEquals("+PONG\r\n+OK\r\n", client.untilClosed());
    }

    @Test
    void shutdownStopsTheServerAndKeepsTheStore() throws Exception {
        client.call("SET", "k", "v");
        expect(SYNTAX_ERROR, "SHUTDOWN", "later");
        client.send("SHUTDOWN", "NOSAVE");
        assertEquals("", client.untilClosed());
        server.server().awaitStop();
        assertEquals("v", new String(server.store().getBytes("k".getBytes(UTF_8)), UTF_8));
    }

    /** As a Redis answers them; one that contradicts itself stops nothing. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "NOSAVE SAVE",
                "SAVE NOSAVE",
                "SAVE NOW NOSAVE FORCE",
                "nosave force save",
                "ABORT NOW",
                "SAVE ABORT",
                "ABORT FORCE ABORT",
                "NOSAVE SAVE ABORT",
                "NOW NOW later",
                "ABORT nonsense",
                ""
            })
    void aShutdownThatContradictsItselfStopsNothing(String options) throws IOException {
        String[] words = ("SHUTDOWN " + (options.isEmpty() ? "''" : options)).split(" ", -1);
        expect(SYNTAX_ERROR, words);
        expect("-ERR No shutdown in progress.\r\n", "SHUTDOWN", "ABORT", "abort");
        expect("+PONG\r\n", "PING");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " NOSAVE NOSAVE", " SAVE SAVE NOW", " NOW FORCE", " save now force now"})
    void aShutdownThatDoesNotContradictItselfStopsTheServer(String options) throws Exception {
        client.send(("SHUTDOWN" + options).split(" ", -1));
        assertEquals("", client.untilClosed());
        server.server().awaitStop();
    }

    @Test
    void thereIsNoCluster() throws IOException {
        String disabled = "-ERR This instance has cluster support disabled\r\n";
        for (String subcommand : List.of("INFO", "nodes", "SLOTS", "SHARDS", "MYID", "LINKS", "HELP", "RESET")) {
            expect(disabled, "CLUSTER", subcommand);
        }
        for (String command : List.of("READONLY", "READWRITE", "ASKING")) {
            expect(disabled, command);
            expect(
                    "-ERR wrong number of arguments for '" + command.toLowerCase(Locale.ROOT) + "' command\r\n",
                    command,
                    "x");
            expect(OK, "MULTI");
            expect("+QUEUED\r\n", command);
            expect("*1\r\n" + disabled, "EXEC");
        }
        expect(disabled, "CLUSTER", "KEYSLOT", "k");
        expect(":0\r\n", "WAIT", "1", "100");
        expect("-ERR timeout is negative\r\n", "WAIT", "1", "-1");
        expect("-ERR value is not an integer or out of range\r\n", "WAIT", "x", "0");
        expect("-ERR wrong number of arguments for 'cluster|keyslot' command\r\n", "CLUSTER", "KEYSLOT");
        expect("-ERR wrong number of arguments for 'cluster' command\r\n", "CLUSTER");
        expect("-ERR unknown subcommand 'nonsense'. Try CLUSTER HELP.\r\n", "CLUSTER", "nonsense");
    }

    @Test
    void whereOneKeyWillNotDoNoneIsDeleted() throws IOException {
        expect(OK, "SET", "k", "v");
        String error = "-ERR key is longer than 65536 bytes\r\n";
        expect(error, "DEL", "k", "x".repeat(70_000));
        expect(error, "UNLINK", "k", "x".repeat(70_000));
        expect("$1\r\nv\r\n", "GET", "k");
    }
}
