package dev.penstock.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.server.RedisTools.RealRedis;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a password set, a real Redis and this server answer alike, before and after it was given. */
class AuthenticationIT {

    private static final String SECRET = "correct horse";

    /** Each on a connection of its own: whoever guesses wrong waits, and strangers have but ten seconds. */
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

    private static String answer(RespClient client, String wire) throws Exception {
        try (client) {
            client.sendRaw(wire);
            client.socket().shutdownOutput();
            return client.untilClosed();
        }
    }
}
