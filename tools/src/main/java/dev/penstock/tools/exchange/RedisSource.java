package dev.penstock.tools.exchange;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.tools.client.RefusedException;
import dev.penstock.tools.client.RespConnection;
import dev.penstock.tools.client.RespHead;
import dev.penstock.tools.client.RespValue;
import dev.penstock.tools.client.ServerAccess;
import dev.penstock.tools.client.ServerInfo;
import dev.penstock.tools.load.EntryReader;
import dev.penstock.tools.load.IncomingValue;
import dev.penstock.tools.load.LoadTarget;
import dev.penstock.tools.load.Omissions;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/**
 * The strings of one database of a running Redis server, with their expiries. {@code SCAN} finds the keys, a page at a
 * time. The value and the expiry of a key are read in one transaction, so that they belong together. At most a page of
 * keys, and 4 MiB of values, are under way at once; a longer value passes through alone, in pieces.
 *
 * <p>A key that exists from the beginning to the end is read at least once. One that is written meanwhile has a value
 * and expiry that it had at some moment in between; one that is added or removed meanwhile may be read or not.
 *
 * <p>The cursor of {@code SCAN} is the server's, not the connection's: {@link #cursor} and {@link #runId} are enough to
 * go on later, with another connection, as long as the same process serves. Keys of the page that was not finished are
 * then read again. One thread.
 */
public final class RedisSource extends EntryReader {

    /** Where {@code SCAN} begins, and what it says at the end. */
    static final String FIRST_CURSOR = "0";

    private static final String PAGE_KEY_COUNT = "300";
    /** Together, the longest page of keys that is kept in memory. */
    private static final int MAX_PAGE_LENGTH = 64 << 20;

    /** What the values of one transaction may take: the server keeps them in memory until they are sent. */
    private static final long MAX_GROUP_LENGTH = 4 << 20;
    /** Requests that are sent before the first reply is read. */
    private static final long MAX_UNSENT_LENGTH = 256 << 10;

    private static final byte[] EXEC = bytes("EXEC");
    private static final byte[] GET = bytes("GET");
    private static final byte[] MULTI = bytes("MULTI");
    private static final byte[] STRLEN = bytes("STRLEN");
    private static final byte[] TYPE = bytes("TYPE");

    /** A key of the page, and how long its value was when it was found. */
    private static final class Found {
        private final byte[] key;
        private final long length;

        Found(byte[] key, long length) {
            this.key = key;
            this.length = length;
        }
    }

    private final RespConnection connection;
    private final LoadTarget target;
    private final Omissions omissions;
    private final InstantSource clock;
    private final Map<String, String> info;
    /** The command that tells the expiry: as a time, or, of a server before 7.0, as what is left until then. */
    private final byte[] expiryCommand;

    private final boolean tellsTime;
    private final long keyCount;
    private final Deque<Found> page = new ArrayDeque<>();
    /** Keys whose expiries and values the server is sending. */
    private final Deque<byte[]> group = new ArrayDeque<>();

    private String cursor = FIRST_CURSOR;
    private String nextCursor = FIRST_CURSOR;
    private boolean ended;
    private long seenCount;
    private long askedMillis;

    private RedisSource(
            RespConnection connection, long database, LoadTarget target, Omissions omissions, InstantSource clock)
            throws IOException {
        this.connection = connection;
        this.target = target;
        this.omissions = omissions;
        this.clock = clock;
        if (database != 0) {
            connection.request("SELECT", Long.toString(database));
        }
        this.info = ServerInfo.parse(connection.request("INFO", "server").asText());
        this.keyCount = connection.request("DBSIZE") instanceof RespValue.Whole count ? count.number() : 0;
        this.tellsTime = tellsTime();
        this.expiryCommand = bytes(tellsTime ? "PEXPIRETIME" : "PTTL");
    }

    /**
     * Connects to a server.
     *
     * @param database the number of the database whose keys are read
     * @param clock tells the time by which what is left of a key's life becomes an expiry, if the server is so old that
     *     it does not tell the expiry itself
     * @throws IOException if there is no server, or it refuses
     */
    public static RedisSource open(
            ServerAccess access, long database, LoadTarget target, Omissions omissions, InstantSource clock)
            throws IOException {
        RespConnection connection = RespConnection.open(access);
        try {
            return new RedisSource(connection, database, target, omissions, clock);
        } catch (IOException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    private boolean tellsTime() throws IOException {
        try {
            connection.request("PEXPIRETIME", "");
            return true;
        } catch (RefusedException e) {
            return false;
        }
    }

    private static byte[] bytes(String word) {
        return word.getBytes(UTF_8);
    }

    /** Tells this process of the server from any other; empty if the server has no such name. */
    public String runId() {
        return info.getOrDefault("run_id", "");
    }

    /** How many keys the database had at first. */
    public long keyCount() {
        return keyCount;
    }

    /** How many keys were found in pages that are finished, or under way. */
    public long seenCount() {
        return seenCount;
    }

    /** Where to go on later, so that nothing is left out: where the page begins that is under way. */
    public String cursor() {
        return cursor;
    }

    /** Goes on where another connection to the same process of the server stopped. */
    public void resume(String earlierCursor) {
        nextCursor = earlierCursor;
    }

    @Override
    public boolean next() throws IOException {
        dropValue();
        while (true) {
            if (!group.isEmpty()) {
                if (readEntry()) {
                    return true;
                }
            } else if (!page.isEmpty()) {
                requestGroup();
            } else if (!ended) {
                readPage();
            } else {
                return false;
            }
        }
    }

    private void readPage() throws IOException {
        cursor = nextCursor;
        connection.send(bytes("SCAN"), bytes(cursor), bytes("COUNT"), bytes(PAGE_KEY_COUNT));
        connection.flush();
        expect('*', connection.head());
        KeySink position = new KeySink();
        connection.bulk(expect('$', connection.head()).number(), position::accept);
        nextCursor = new String(position.bytes(), UTF_8);
        ended = nextCursor.equals(FIRST_CURSOR);
        List<byte[]> keys = readKeys(expect('*', connection.head()).number());
        seenCount += keys.size();
        List<byte[]> others = new ArrayList<>();
        for (int from = 0; from < keys.size(); ) {
            int to = send(STRLEN, keys, from);
            for (byte[] found : keys.subList(from, to)) {
                RespHead length = connection.head();
                if (isWrongType(length)) {
                    others.add(found);
                } else {
                    page.add(new Found(found, expect(':', length).number()));
                }
            }
            from = to;
        }
        omit(others);
    }

    private List<byte[]> readKeys(long count) throws IOException {
        List<byte[]> keys = new ArrayList<>();
        long length = 0;
        for (long i = 0; i < count; i++) {
            KeySink name = new KeySink();
            connection.bulk(expect('$', connection.head()).number(), name::accept);
            String problem = name.problem();
            if (problem != null) {
                seenCount++;
                omissions.add(problem, name.bytes());
                continue;
            }
            keys.add(name.bytes());
            length += name.bytes().length;
            if (length > MAX_PAGE_LENGTH) {
                throw new IOException("the server sent more than " + MAX_PAGE_LENGTH + " bytes of keys at once");
            }
        }
        return keys;
    }

    /** Sends a command for keys from one on, as many as fit; returns the first for which it was not sent. */
    private int send(byte[] command, List<byte[]> keys, int from) throws IOException {
        int to = from;
        long length = 0;
        while (to < keys.size() && length < MAX_UNSENT_LENGTH) {
            connection.send(command, keys.get(to));
            length += keys.get(to).length;
            to++;
        }
        connection.flush();
        return to;
    }

    private void omit(List<byte[]> others) throws IOException {
        for (int from = 0; from < others.size(); ) {
            int to = send(TYPE, others, from);
            for (byte[] other : others.subList(from, to)) {
                String type = expect('+', connection.head()).text();
                // "none" is what no longer exists.
                if (!type.equals("none")) {
                    omissions.add(type.equals("zset") ? RdbType.SORTED_SET.label() : type, other);
                }
            }
            from = to;
        }
    }

    private void requestGroup() throws IOException {
        long length = 0;
        connection.send(MULTI);
        while (!page.isEmpty() && (group.isEmpty() || length + page.peek().length <= MAX_GROUP_LENGTH)) {
            Found found = page.remove();
            connection.send(expiryCommand, found.key);
            connection.send(target.isDry() ? STRLEN : GET, found.key);
            group.add(found.key);
            length += found.length + found.key.length;
        }
        connection.send(EXEC);
        askedMillis = clock.millis();
        connection.flush();
        for (int i = 0; i < 1 + 2 * group.size(); i++) {
            expect('+', connection.head());
        }
        RespHead all = expect('*', connection.head());
        if (all.number() != 2L * group.size()) {
            throw new IOException("the server answered a transaction with " + all.number() + " replies");
        }
    }

    /** Reads the next key of the group; false if it no longer exists. */
    private boolean readEntry() throws IOException {
        key = group.remove();
        expiryMillis = expiry(expect(':', connection.head()).number());
        RespHead head = connection.head();
        if (isWrongType(head)) {
            omissions.add("key that became another type", key);
            return false;
        }
        IncomingValue incoming = new IncomingValue(target);
        value = incoming;
        if (target.isDry()) {
            incoming.assume(expect(':', head).number());
            return true;
        }
        if (expect('$', head).isNull()) {
            return false;
        }
        incoming.key(key);
        connection.bulk(head.number(), incoming::accept);
        return true;
    }

    private long expiry(long told) {
        if (told < 0) {
            return NO_EXPIRY;
        }
        return tellsTime ? Math.max(told, 1) : askedMillis + told;
    }

    private static boolean isWrongType(RespHead head) {
        return head.isError() && head.text().startsWith("WRONGTYPE");
    }

    private static RespHead expect(char kind, RespHead head) throws IOException {
        if (head.isError()) {
            throw new IOException("the server refused: " + head.text());
        }
        if (head.kind() != kind) {
            throw new IOException("the server answered with '" + head.kind() + "' where '" + kind + "' is due");
        }
        return head;
    }

    /** Drops the value that was not stored, and ends the connection. */
    @Override
    public void close() throws IOException {
        try {
            dropValue();
        } finally {
            connection.close();
        }
    }
}
