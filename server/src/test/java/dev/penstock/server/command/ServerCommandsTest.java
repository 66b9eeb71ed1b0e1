package dev.penstock.server.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.report.MetricsSnapshot;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What the server tells about itself, and what of it can be set. */
class ServerCommandsTest extends CommandTestCase {

    @Test
    void theServerTellsAboutItself() throws IOException {
        client.call("SET", "k", "v");
        client.call("GET", "k");
        client.call("GET", "none");
        String info = client.call("INFO");
        for (String line : new String[] {
            "redis_version:7.0.15",
            "penstock_version:" + MetricsSnapshot.version(),
            "connected_clients:1",
            "blocked_clients:0",
            "total_connections_received:1",
            "keyspace_hits:1",
            "keyspace_misses:1",
            "db0:keys=1,expires=0,avg_ttl=0",
            "role:master",
            "cluster_enabled:0",
            "master_repl_offset:0",
            "tcp_port:" + server.port()
        }) {
            assertTrue(info.contains("\r\n" + line + "\r\n"), line + " in " + info);
        }
        assertTrue(info.contains("used_memory:") && info.contains("total_commands_processed:4"), info);
        assertTrue(client.call("INFO", "keyspace").contains("# Keyspace\r\ndb0:"));
        expect("$0\r\n\r\n", "INFO", "nosuchsection");
        String memory = client.call("INFO", "memory");
        long used = figure(memory, "used_memory");
        assertEquals(
                used,
                figure(memory, "used_memory_heap")
                        + figure(memory, "used_memory_buffers")
                        + figure(memory, "used_memory_index"),
                memory);
        assertTrue(figure(memory, "used_memory_index") >= 64 * 64, memory);
        assertTrue(figure(memory, "used_memory_peak") >= used, memory);
        if (System.getProperty("os.name").equals("Linux")) {
            assertTrue(figure(memory, "used_memory_rss") >= figure(memory, "used_memory_heap") / 2, memory);
        }
        expect("*4\r\n$10\r\nappendonly\r\n$2\r\nno\r\n$4\r\nsave\r\n$0\r\n\r\n", "CONFIG", "GET", "APPEND*", "save");
        expect("*0\r\n", "CONFIG", "GET", "nosuch");
        expect(OK, "CONFIG", "SET", "maxclients", "77");
        expect("*2\r\n$10\r\nmaxclients\r\n$2\r\n77\r\n", "CONFIG", "GET", "maxclients");
        expect(
                "-ERR CONFIG SET failed (possibly related to argument 'port') - can't set immutable config\r\n",
                "CONFIG",
                "SET",
                "port",
                "1");
        expect(
                "-ERR Unknown option or number of arguments for CONFIG SET - 'nosuch'\r\n",
                "CONFIG",
                "SET",
                "nosuch",
                "1");
        expect(OK, "CONFIG", "RESETSTAT");
        assertTrue(client.call("INFO", "stats").contains("keyspace_hits:0\r\n"));
        expect("*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n", "ROLE");
        assertTrue(client.call("TIME").startsWith("*2\r\n$10\r\n"));
        expect(OK, "SAVE");
        expect("+Background saving started\r\n", "BGSAVE");
        assertTrue(client.call("LASTSAVE").startsWith(":1"));
        expect(OK, "FUNCTION", "FLUSH");
        expect(OK, "SELECT", "0");
        expect("-ERR DB index is out of range\r\n", "SELECT", "1");
        expect(NOT_AN_INTEGER, "SELECT", "x");
    }

    @Test
    void compactionCanBePausedAndIsTold() throws IOException {
        expect("*2\r\n$15\r\ncompaction-rate\r\n$8\r\n33554432\r\n", "CONFIG", "GET", "compaction-rate");
        expect(OK, "CONFIG", "SET", "compaction-rate", "0");
        assertEquals(0, server.store().compactionRate());
        String told = client.call("INFO", "penstock");
        assertTrue(told.contains("\r\ncompaction_state:paused\r\n"), told);
        assertTrue(told.contains("\r\ncompaction_moved_bytes:0\r\n"), told);
        expect(OK, "CONFIG", "SET", "compaction-rate", "1000");
        assertEquals(1000, server.store().compactionRate());
    }

    @Test
    void slowCommandsAreNotedNewestFirst() throws IOException {
        expect(OK, "CONFIG", "SET", "slowlog-log-slower-than", "0", "slowlog-max-len", "3");
        expect(OK, "CLIENT", "SETNAME", "me");
        expect(OK, "SET", "k", "x".repeat(200));
        String[] many = new String[41];
        Arrays.fill(many, "k");
        many[0] = "MGET";
        client.call(many);
        expect(":3\r\n", "SLOWLOG", "LEN");
        String log = client.call("SLOWLOG", "GET", "-1");
        assertTrue(log.startsWith("*3\r\n*6\r\n:"), log);
        assertTrue(log.contains("*2\r\n$7\r\nSLOWLOG\r\n$3\r\nLEN\r\n"), log);
        assertTrue(log.contains("\r\n$1\r\nk\r\n$23\r\n... (10 more arguments)\r\n"), log);
        assertTrue(log.contains("x".repeat(128) + "... (72 more bytes)\r\n"), log);
        assertTrue(log.contains("\r\n$2\r\nme\r\n"), log);
        assertFalse(log.contains("SETNAME"), log);
        expect("-ERR count should be greater than or equal to -1\r\n", "SLOWLOG", "GET", "-2");
        expect(OK, "CONFIG", "SET", "slowlog-log-slower-than", "-1");
        expect(OK, "SLOWLOG", "RESET");
        expect("*0\r\n", "SLOWLOG", "GET");
        expect("-ERR unknown subcommand 'x'. Try SLOWLOG HELP.\r\n", "SLOWLOG", "x");
    }

    /** What was mistyped may have been a password. */
    @Test
    void whatIsNotExecutedIsNotNotedAndNoSecretIs() throws IOException {
        expect(OK, "CONFIG", "SET", "slowlog-log-slower-than", "0");
        client.call("ATUH", "user", "secret");
        client.call("AUTH", "user", "secret");
        client.call("HELLO", "2", "SETNAME", "me", "AUTH", "user", "secret");
        String log = client.call("SLOWLOG", "GET", "-1");
        assertFalse(log.contains("secret"), log);
        assertFalse(log.contains("ATUH"), log);
        assertTrue(
                log.contains(
                        "*7\r\n$5\r\nHELLO\r\n$1\r\n2\r\n$7\r\nSETNAME\r\n$2\r\nme\r\n$4\r\nAUTH\r\n$10\r\n(redacted)"),
                log);
        expect(
                "-ERR unknown subcommand or wrong number of arguments for 'GET'. Try SLOWLOG HELP.\r\n",
                "SLOWLOG",
                "GET",
                "1",
                "2");
    }

    @Test
    void everyCommandAndEveryErrorIsCounted() throws IOException {
        expect(OK, "SET", "k", "v");
        expect("$1\r\nv\r\n", "GET", "k");
        client.call("GET", "k");
        client.call("GET");
        client.call("INCR", "k");
        client.call("NOSUCH");
        client.call("CLIENT", "GETNAME");
        String counts = client.call("INFO", "commandstats");
        assertTrue(counts.contains("\r\ncmdstat_get:calls=2,usec="), counts);
        assertTrue(counts.contains(",rejected_calls=1,failed_calls=0\r\n"), counts);
        assertTrue(counts.contains("\r\ncmdstat_incr:calls=1,usec="), counts);
        assertTrue(counts.contains(",rejected_calls=0,failed_calls=1\r\n"), counts);
        assertTrue(counts.contains("\r\ncmdstat_client|getname:calls=1,usec="), counts);
        assertTrue(client.call("INFO", "errorstats").contains("\r\nerrorstat_ERR:count=3\r\n"));
        assertFalse(client.call("INFO").contains("cmdstat_"));
        assertTrue(client.call("INFO", "all").contains("cmdstat_"));
        expect(OK, "CONFIG", "RESETSTAT");
        assertFalse(client.call("INFO", "everything").contains("cmdstat_get"));
    }

    /** By these counts {@code penstock top} shows percentiles of the time between two looks. */
    @Test
    void everyCommandIsInOneBucketOfTheDurations() throws IOException {
        for (int i = 0; i < 100; i++) {
            client.call("SET", "k" + i, "v");
        }
        String info = client.call("INFO", "penstock");
        String counts = info.lines()
                .filter(line -> line.startsWith("command_durations_usec:"))
                .findFirst()
                .orElseThrow();
        long total = 0;
        for (String bucket : counts.substring(counts.indexOf(':') + 1).split(",", -1)) {
            String[] boundAndCount = bucket.split("=", -1);
            assertTrue(boundAndCount[0].equals("inf") || Long.bitCount(Long.parseLong(boundAndCount[0])) == 1, counts);
            total += Long.parseLong(boundAndCount[1]);
        }
        assertTrue(total >= 100, counts);
        assertTrue(info.contains("\r\nstore_segments:1\r\n"), info);
    }

    @Test
    void settingsAreNamedAsTheyWereAskedForAndBytesMayHaveAUnit() throws IOException {
        expect("*2\r\n$7\r\nTimeOut\r\n$1\r\n0\r\n", "CONFIG", "GET", "TimeOut", "timeout");
        expect("*2\r\n$7\r\ntimeout\r\n$1\r\n0\r\n", "CONFIG", "GET", "TIME?UT");
        expect("*0\r\n", "CONFIG", "GET", "time\\out");
        for (String[] amount : new String[][] {
            {"512mb", "536870912"},
            {"1GB", "1073741824"},
            {"2m", "2000000"},
            {"3g", "3000000000"},
            {"1048576b", "1048576"}
        }) {
            expect(OK, "CONFIG", "SET", "proto-max-bulk-len", amount[0]);
            assertTrue(client.call("CONFIG", "GET", "proto-max-bulk-len").endsWith("\r\n" + amount[1] + "\r\n"));
        }
        for (String nonsense : new String[] {"", "mb", "1.5mb", "-1", "1kib", "1e3"}) {
            expect(
                    "-ERR CONFIG SET failed (possibly related to argument 'proto-max-bulk-len') - argument must be"
                            + " a memory value\r\n",
                    "CONFIG",
                    "SET",
                    "proto-max-bulk-len",
                    nonsense);
        }
        assertTrue(client.call("CONFIG", "SET", "proto-max-bulk-len", "9999999999999999999gb")
                .contains(" argument must be between "));
    }

    @Test
    void settingsAreCheckedByNameBeforeTheyAreByValue() throws IOException {
        expect(
                "-ERR Unknown option or number of arguments for CONFIG SET - 'nosuch'\r\n",
                "CONFIG",
                "SET",
                "timeout",
                "x",
                "nosuch",
                "2");
        expect(
                "-ERR CONFIG SET failed (possibly related to argument 'TIMEOUT') - duplicate parameter\r\n",
                "CONFIG",
                "SET",
                "timeout",
                "x",
                "TIMEOUT",
                "2");
    }

    @Test
    void settingsChangeAllTogetherOrNotAtAll() throws IOException {
        expect(
                "-ERR CONFIG SET failed (possibly related to argument 'maxclients') -"
                        + " argument must be between 1 and 4294967295 inclusive\r\n",
                "CONFIG",
                "SET",
                "timeout",
                "7",
                "maxclients",
                "0");
        expect("*2\r\n$7\r\ntimeout\r\n$1\r\n0\r\n", "CONFIG", "GET", "timeout");
        expect(
                "-ERR CONFIG SET failed (possibly related to argument 'timeout') - argument couldn't be parsed into an"
                        + " integer\r\n",
                "CONFIG",
                "SET",
                "timeout",
                "soon");
        expect(OK, "CONFIG", "SET", "timeout", "7", "slowlog-max-len", "1");
        expect("*2\r\n$7\r\ntimeout\r\n$1\r\n7\r\n", "CONFIG", "GET", "timeout");
    }

    private static long figure(String info, String name) {
        return Long.parseLong(info.replaceFirst("(?s).*\r\n" + name + ":(\\d+)\r\n.*", "$1"));
    }
}
