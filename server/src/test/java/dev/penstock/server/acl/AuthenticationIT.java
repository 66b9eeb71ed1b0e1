package dev.penstock.server.acl;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.server.RespClient;
import dev.penstock.server.ServerOptions;
import dev.penstock.server.TestServer;
import dev.penstock.server.redis.RedisTools.RealRedis;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a password set, a real Redis and this server answer alike, before and after it was given. */
class AuthenticationIT {

    private static final String SECRET = "correct horse";

    /** Each on a separate connection: whoever guesses wrong waits, and strangers have but ten seconds. */
    private static final List<List<String[]>> CONVERSATIONS = List.of(
            List.of(
                    words("PING"),
                    words("GET", "k"),
                    words("GET"),
                    words("nosuch", "a"),
                    words("CLIENT", "nosuch"),
                    words("CLIENT", "ID", "x"),
                    words("CONFIG", "GET", "save"),
                    words("HELLO"),
                    words("HELLO", "3"),
                    words("HELLO", "9"),
                    words("HELLO", "3", "SETNAME", "x"),
                    words("AUTH", "a", "b", "c"),
                    words("AUTH"),
                    words("SET", "a", "1"),
                    words("QUIT")),
            List.of(words("HELLO", "3", "AUTH", "default", "wrong"), words("PING")),
            List.of(words("HELLO", "2", "AUTH", "nobody", SECRET), words("PING")),
            List.of(words("AUTH", "default", "wrong"), words("PING")),
            List.of(words("AUTH", "Default", SECRET), words("PING")),
            List.of(
                    words("AUTH", "default", SECRET),
                    words("PING"),
                    words("AUTH", "wrong"),
                    words("GET", "a"),
                    words("RESET"),
                    words("GET", "a"),
                    words("AUTH", SECRET),
                    words("GET", "a")));

    private static final List<String> MALFORMED =
            List.of("*11\r\n", "*2\r\n$4\r\nAUTH\r\n$16385\r\n", "*10\r\n$16384\r\nx", "*-1\r\nPING\r\n");

    @TempDir
    Path directory;

    @TempDir
    Path redisDirectory;

    private static String[] words(String... words) {
        return words;
    }

    @Test
    void strangersGetRedisOwnAnswers() throws Exception {
        try (RealRedis redis = new RealRedis(redisDirectory);
                TestServer server =
                        new TestServer(directory, ServerOptions.defaults().withPassword(SECRET))) {
            try (RespClient admin = redis.client()) {
                assertEquals("+OK\r\n", admin.call("CONFIG", "SET", "requirepass", SECRET));
            }
            for (List<String[]> conversation : CONVERSATIONS) {
                try (RespClient theirs = redis.client();
                        RespClient ours = server.client()) {
                    for (String[] request : conversation) {
                        assertEquals(theirs.call(request), ours.call(request), String.join(" ", request));
                    }
                }
            }
            for (String wire : MALFORMED) {
                assertEquals(answer(redis.client(), wire), answer(server.client(), wire), wire);
            }
        }
    }

    /** Rights by category and by key, and what is said to those who have none. */
    @Test
    void usersWithFewRightsGetRedisOwnAnswers() throws Exception {
        Path file = Files.writeString(
                directory.resolve("users"),
                "user default on nopass ~* +@all\nuser reader on >pass ~app:* ~b? -@all +@read +@connection +set\n");
        try (RealRedis redis = new RealRedis(redisDirectory);
                TestServer server = new TestServer(
                        directory.resolve("store"), ServerOptions.defaults().withUsersFile(file))) {
            try (RespClient admin = redis.client()) {
                String[] rules = "ACL SETUSER reader on >pass ~app:* ~b? -@all +@read +@connection +set".split(" ", -1);
                assertEquals("+OK\r\n", admin.call(rules));
            }
            try (RespClient theirs = redis.client();
                    RespClient ours = server.client()) {
                for (String request : List.of(
                        "ACL WHOAMI",
                        "ACL USERS",
                        "SET app:1 x",
                        "SET other x",
                        "AUTH reader pass",
                        "ACL WHOAMI",
                        "ACL LIST",
                        "GET app:1",
                        "GET other",
                        "GET",
                        "MGET app:1 b1",
                        "MGET app:1 other",
                        "EXISTS other app:1",
                        "SET app:2 y",
                        "SET b1 y",
                        "SET b11 y",
                        "MSET app:1 y app:2 y",
                        "DEL app:1",
                        "FLUSHALL",
                        "CONFIG GET save",
                        "CLIENT NOSUCH",
                        "CLIENT KILL ID 99",
                        "INFO",
                        "NOSUCH",
                        "PING",
                        "ECHO a",
                        "AUTH reader",
                        "AUTH other pass",
                        "GET app:1",
                        "RESET",
                        "GET other")) {
                    String[] words = request.split(" ", -1);
                    assertEquals(theirs.call(words), ours.call(words), request);
                }
            }
        }
    }

    private static String answer(RespClient client, String wire) throws Exception {
        try (client) {
            client.sendRaw(wire);
            client.socket().shutdownOutput();
            return client.untilClosed();
        }
    }
}
