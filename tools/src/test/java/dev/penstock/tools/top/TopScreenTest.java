package dev.penstock.tools.top;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.metrics.LatencyHistogram;
import dev.penstock.tools.client.RespValue;
import dev.penstock.tools.client.ServerInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is shown fits the terminal and is harmless, and its rates are those between two looks. */
class TopScreenTest {

    private static final String BEFORE = """
            # Server
            server_name:penstock
            total_commands_processed:1000
            keyspace_hits:100
            keyspace_misses:100
            total_net_input_bytes:0
            transfer_sendfile_bytes_out:0
            cmdstat_get:calls=200,usec=2000,usec_per_call=10.00,rejected_calls=0,failed_calls=0
            command_durations_usec:8=100,32768=50
            """;
    private static final String NOW = """
            server_name:penstock
            connected_clients:3
            total_commands_processed:3000
            keyspace_hits:1000
            keyspace_misses:200
            total_net_input_bytes:4194304
            transfer_sendfile_bytes_out:2147483648
            cmdstat_get:calls=1200,usec=22000,usec_per_call=18.33,rejected_calls=0,failed_calls=0
            cmdstat_set:calls=1000,usec=60000,usec_per_call=60.00,rejected_calls=0,failed_calls=0
            db0:keys=123456,expires=7,avg_ttl=0
            compaction_state:running
            command_durations_usec:8=1080,16=15,32768=54,inf=1
            store_segments:12
            """;

    private static TopReading reading(long seconds, String info, TopTable... tables) {
        return new TopReading(
                seconds * 1_000_000_000L, "title", ServerInfo.parse(info.replace("\n", "\r\n")), List.of(tables));
    }

    private static List<String> lines(TopFrame frame) {
        return new TopScreen(120, 0, -1, "").lines(frame);
    }

    @Test
    void ratesAreOfTheTimeBetweenTwoLooks() {
        String shown = String.join("\n", lines(ServerSource.frame(reading(10, BEFORE), reading(12, NOW))));
        for (String expected : new String[] {
            "requests   1,000/s   hits 90.0 %   mean 40.0 us   errors 0/s",
            "latency    p50 <= 8 us   p99 <= 16 us   p99.9 <= 33 ms   max > 4.2 s",
            "network    clients 3   new 0/s   in 2.0 MiB/s",
            "transfers  sendfile 1.0 GiB/s",
            "store      keys 123,456   expiring 7   segments 12",
            "compaction running",
            "COMMAND  PER SECOND  MEAN US  OF THE TIME",
            "get             500     20.0       25.0 %",
            "set             500     60.0       75.0 %"
        }) {
            assertTrue(shown.contains(expected), expected + " is not in\n" + shown);
        }
    }

    /** The server counts what took longer than this as {@code inf}. */
    @Test
    void theLastBoundIsThatOfTheServer() {
        assertEquals(LatencyHistogram.boundSeconds(LatencyHistogram.BUCKETS - 2) * 1e6, Latencies.LAST_BOUND_MICROS, 0);
        String slow = BEFORE.replace("8=100", "8=100,4194304=0");
        String now = NOW.replace("inf=1", "4194304=1");
        String shown = String.join("\n", lines(ServerSource.frame(reading(10, slow), reading(12, now))));
        assertTrue(shown.contains("max <= 4.2 s"), shown);
    }

    @Test
    void countersThatWereSetBackHaveNoRate() {
        String shown = String.join("\n", lines(ServerSource.frame(reading(12, NOW), reading(13, BEFORE))));
        assertTrue(shown.contains("requests   0/s   hits -   mean 0.0 us   errors 0/s"), shown);
    }

    @Test
    void theFirstLookHasNoRatesAndAServerMayTellNothing() {
        String first = String.join("\n", lines(ServerSource.frame(null, reading(12, NOW))));
        assertTrue(first.contains("requests   0/s") && first.contains("keys 123,456"), first);
        String nothing =
                String.join("\n", lines(ServerSource.frame(reading(1, ""), reading(2, "db0:keys=x\nused_memory:y"))));
        assertTrue(nothing.contains("keys 0"), nothing);
    }

    @Test
    void latenciesOfRedisAreThoseOfAllItsCommands() {
        RespValue get = histogram(new long[][] {{1, 5}, {2, 9}, {8, 10}});
        RespValue set = histogram(new long[][] {{2, 3}});
        List<RespValue> reply = List.of(new RespValue.RespText("get"), get, new RespValue.RespText("set"), set);
        assertEquals("1=5,2=7,8=1", Latencies.ofRedis(new RespValue.Items(reply)));
        assertEquals("", Latencies.ofRedis(new RespValue.Missing()));
        assertEquals("", Latencies.ofRedis(new RespValue.Items(List.of(get))));
    }

    /** Each bucket counts those below it as well. */
    private static RespValue histogram(long[][] buckets) {
        List<RespValue> flat = new ArrayList<>();
        for (long[] bucket : buckets) {
            flat.add(new RespValue.Whole(bucket[0]));
            flat.add(new RespValue.Whole(bucket[1]));
        }
        return new RespValue.Items(List.of(
                new RespValue.RespText("calls"),
                new RespValue.Whole(1),
                new RespValue.RespText("histogram_usec"),
                new RespValue.Items(flat)));
    }

    private static TopFrame crowded(String text) {
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            rows.add(List.of(text + i, Integer.toString(i % 7), text.repeat(20)));
        }
        TopTable table = new TopTable("clients", List.of("client", ">number", "words"), rows);
        return ServerSource.frame(reading(10, BEFORE), reading(12, NOW, table, table));
    }

    @ParameterizedTest
    @CsvSource({"80,24", "40,10", "200,60", "20,3", "10,1", "1,1", "300,100"})
    void nothingIsWiderOrHigherThanTheTerminal(int columns, int rows) {
        List<String> lines = new TopScreen(columns, rows, -1, "q quit").lines(crowded("10.0.0.1:"));
        assertTrue(lines.size() <= rows, lines.size() + " lines of " + rows);
        assertTrue(lines.stream().allMatch(line -> line.length() <= columns), String.join("\n", lines));
        if (rows >= 24) {
            assertEquals("q quit", lines.getLast());
            assertEquals(rows, lines.size());
            assertEquals(
                    2, lines.stream().filter(line -> line.startsWith("CLIENT")).count(), "both tables have room");
        }
    }

    /** A client may call itself what it likes: a terminal takes escape sequences for commands. */
    @Test
    void noTextOfAClientReachesTheTerminalAsACommand() {
        String hostile = "\033]0;owned\007\033[2J\u009b31m\r\n\u202e\u0000\ud83d\ude00";
        for (String line : new TopScreen(500, 0, 0, "").lines(crowded(hostile))) {
            assertTrue(line.chars().allMatch(letter -> letter >= ' ' && letter < 0x7f), line);
        }
    }

    @Test
    void tablesAreSortedByNumbersAsNumbersAndByTextAsText() {
        TopTable table = new TopTable(
                "t",
                List.of("name", ">size"),
                List.of(List.of("b", "900 B"), List.of("c", "1.0 GiB"), List.of("a", "2.0 KiB")));
        TopFrame frame = new TopFrame("title", 1, List.of(), List.of(table));
        assertEquals("bca", order(frame, -1));
        assertEquals("abc", order(frame, 0));
        assertEquals("cab", order(frame, 1));
        assertEquals("bca", order(frame, 5));
    }

    private static String order(TopFrame frame, int sort) {
        return new TopScreen(80, 0, sort, "")
                .lines(frame).stream().skip(3).map(line -> line.substring(0, 1)).collect(Collectors.joining());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "12 B|12",
                "1.5 KiB|1536",
                "2.0 GiB|2147483648",
                "1,234|1234",
                "42 s|42",
                "0:01:01|61",
                "3:00:00|10800",
                "2 d 0:00:01|172801",
                "5 s ago|5",
                "12.5 %|12.5"
            })
    void aCellStandsForANumber(String cell, double expected) {
        assertEquals(expected, TopScreen.magnitude(cell), 0.001);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"0|0 s", "59|59 s", "60|0:01:00", "86399|23:59:59", "90061|1 d 1:01:01"})
    void timesAreShort(long seconds, String expected) {
        assertEquals(expected, FrameBuilder.time(seconds));
        assertEquals((double) seconds, TopScreen.magnitude(expected), 0);
        assertFalse(expected.isEmpty());
    }
}
