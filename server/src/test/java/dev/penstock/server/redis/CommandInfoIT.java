package dev.penstock.server.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.server.RespClient;
import dev.penstock.server.TestServer;
import dev.penstock.server.redis.RedisTools.RealRedis;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What COMMAND INFO tells about each command is what Redis tells about it: clients route and check by that. */
class CommandInfoIT {

    private static final int FLAGS = 2;
    private static final int CATEGORIES = 6;

    @TempDir
    Path directory;

    @TempDir
    Path redisDirectory;

    @Test
    void commandsAreDescribedAsRedisDescribesThem() throws Exception {
        try (RealRedis redis = new RealRedis(redisDirectory);
                TestServer server = new TestServer(directory);
                RespClient theirs = redis.client();
                RespClient ours = server.client()) {
            List<String> expected = new ArrayList<>();
            List<String> actual = new ArrayList<>();
            for (String name : ReplyComparison.elements(ours.call("COMMAND", "LIST", "FILTERBY", "PATTERN", "*"))) {
                String word = name.substring(name.indexOf('\n') + 1).strip();
                // CLIENT has two subcommands that came with 7.2.
                if (theirs.call("COMMAND", "INFO", word).startsWith("*1\r\n*10\r\n")) {
                    expected.add(description(theirs, word));
                    actual.add(description(ours, word));
                }
            }
            assertEquals(String.join("\n", expected), String.join("\n", actual));
        }
    }

    /** Name, arity, flags, place of the keys, categories. */
    private static String description(RespClient client, String command) throws IOException {
        List<String> parts = ReplyComparison.elements(ReplyComparison.elements(client.call("COMMAND", "INFO", command))
                .getFirst());
        StringBuilder text = new StringBuilder();
        for (int i = 0; i <= CATEGORIES; i++) {
            String part = parts.get(i);
            if (i == FLAGS || i == CATEGORIES) {
                List<String> sorted = ReplyComparison.elements(part);
                sorted.sort(null);
                part = String.join("", sorted);
            }
            text.append(part.replace("\r\n", " ")).append("| ");
        }
        return text.toString();
    }
}
