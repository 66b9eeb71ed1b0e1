package dev.penstock.server.command;

import static dev.penstock.server.session.Command.Flag.READONLY;
import static dev.penstock.server.session.Command.Group.GENERIC;

import dev.penstock.server.keyspace.Keyspace;
import dev.penstock.server.resp.Arguments;
import dev.penstock.server.resp.CommandError;
import dev.penstock.server.resp.Glob;
import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.Request;
import dev.penstock.server.session.Command;
import dev.penstock.server.session.CommandTable;
import dev.penstock.server.session.LoopContext;
import dev.penstock.server.session.Session;
import dev.penstock.server.transfer.MemoryBudget;
import dev.penstock.server.transfer.OutOfBudgetException;
import dev.penstock.server.transfer.Place;
import dev.penstock.server.turn.Suspended;
import dev.penstock.server.turn.Turn;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** KEYS and SCAN. */
final class ScanCommands {

    private static final long DEFAULT_SCAN_COUNT = 10;

    /** A store of so few keys and bytes is listed at once, and then compared with the pattern. */
    private static final int FEW_KEYS = 10_000;

    private static final int FEW_BYTES = 8 << 20;
    private static final int PAGE = 128;

    /** Of keys in a page, about. */
    private static final int PAGE_BYTES = 256 << 10;

    /** Memory of a key that waits to be compared, without its bytes. */
    private static final int ENTRY_LENGTH = 32;

    private final LoopContext loop;

    ScanCommands(LoopContext loop) {
        this.loop = loop;
    }

    void register(CommandTable table) {
        table.add(Command.named("keys")
                .arity(2)
                .flags(READONLY)
                .docs(GENERIC, "1.0.0", "O(N) where N is the number of keys in the store", "Lists matching keys.")
                .alsoIn("dangerous")
                .runs(this::keys));
        table.add(Command.named("scan")
                .arity(-2)
                .flags(READONLY)
                .docs(GENERIC, "2.8.0", "O(1) for every call", "Lists keys a few at a time.")
                .runs(this::scan));
    }

    private void keys(Session session, Request request, Reply reply) {
        Glob pattern = Glob.of(request, 1, false, loop.turn()::spend);
        boolean few = loop.store().count() <= FEW_KEYS && loop.store().liveBytes() <= FEW_BYTES;
        Search search = new Search(session, request, pattern, 0, Long.MAX_VALUE, reply, false);
        if (few) {
            search.fetchAll();
        }
        session.run(search);
    }

    private void scan(Session session, Request request, Reply reply) {
        long cursor = cursor(request);
        @Nullable Glob pattern = null;
        long count = DEFAULT_SCAN_COUNT;
        boolean strings = true;
        for (int i = 2; i < request.count(); i += 2) {
            if (i + 1 == request.count()) {
                throw CommandError.syntax();
            } else if (request.is(i, "count")) {
                count = Arguments.integer(request, i + 1);
                if (count < 1) {
                    throw CommandError.syntax();
                }
            } else if (request.is(i, "match")) {
                pattern = Glob.of(request, i + 1, false, loop.turn()::spend);
            } else if (request.is(i, "type")) {
                strings = request.is(i + 1, "string");
            } else {
                throw CommandError.syntax();
            }
        }
        if (!strings) {
            pattern = Glob.NONE;
        }
        session.run(new Search(session, request, pattern, cursor, count, reply, true));
    }

    /** As C's strtoul has it: nothing is 0, and a negative number counts from the far end. */
    private static long cursor(Request request) {
        String text = request.text(1);
        try {
            if (text.isEmpty()) {
                return 0;
            }
            return text.startsWith("-") ? Long.parseLong(text) : Long.parseUnsignedLong(text);
        } catch (NumberFormatException e) {
            throw new CommandError("ERR invalid cursor");
        }
    }

    /** Goes through keys, a page at a time, and writes those that match to the reply. */
    private final class Search implements Suspended {

        private static final int FIRST_PAGE = 4;

        private final @Nullable Glob pattern; // null for any key
        private final long wanted;
        private final MemoryBudget memory;
        private final Reply reply;
        private final boolean tellsCursor;
        private final Place place;
        private final ArrayDeque<byte[]> page = new ArrayDeque<>();
        private final Keyspace.Scan scan;
        private int pageKeys = FIRST_PAGE;
        private long pageBytes;
        private long reserved;
        private boolean fetchesAll;
        private long visited;
        private long count;
        private Glob.@Nullable Match match; // of the first key of the page

        Search(
                Session session,
                Request request,
                @Nullable Glob pattern,
                long cursor,
                long wanted,
                Reply reply,
                boolean tellsCursor) {
            this.memory = request.budget();
            this.pattern = pattern;
            this.scan = session.keyspace().scan(cursor);
            this.wanted = wanted;
            this.reply = reply;
            this.tellsCursor = tellsCursor;
            this.place = reply.reserve();
        }

        /** Has all keys be those of one moment, if there is memory for that. */
        void fetchAll() {
            try {
                reserve(loop.store().liveBytes() + (long) ENTRY_LENGTH * FEW_KEYS);
                fetchesAll = true;
            } catch (OutOfBudgetException inPages) {
                fetchesAll = false;
            }
        }

        private void reserve(long bytes) {
            memory.reserveMore(bytes);
            reserved += bytes;
        }

        @Override
        public void close() {
            memory.release(reserved);
            reserved = 0;
        }

        @Override
        public boolean goOn() {
            while (true) {
                if (loop.turn().isOver()) {
                    return false;
                }
                if (!page.isEmpty()) {
                    look();
                } else if (scan.hasCursor() && (scan.cursor() == 0 || visited >= wanted)) {
                    end();
                    return true;
                } else {
                    pageBytes = 0;
                    scan.next(Math.clamp(wanted - visited, 1, fetchesAll ? FEW_KEYS : pageKeys), this::add);
                    visited += page.size();
                    if (!page.isEmpty()) {
                        pageKeys = Math.clamp(PAGE_BYTES / (1 + pageBytes / page.size()), 1, PAGE);
                    }
                    loop.turn().spend((long) Turn.KEY_STEPS * (1 + page.size()));
                }
            }
        }

        private void add(byte[] key) {
            if (!fetchesAll) {
                reserve(ENTRY_LENGTH + key.length);
            }
            page.addLast(key);
            pageBytes += key.length;
            loop.turn().spendBytes(key.length);
        }

        /** At the first key, or at some of it if it is long. */
        private void look() {
            if (match == null && pattern != null) {
                match = pattern.match(page.peekFirst());
            }
            boolean done = match == null || match.goOn();
            loop.turn().spend(match == null ? 1 : match.takeSteps());
            if (done) {
                byte[] key = page.pollFirst();
                if (!fetchesAll) {
                    memory.release(ENTRY_LENGTH + key.length);
                    reserved -= ENTRY_LENGTH + key.length;
                }
                if (match == null || match.isFound()) {
                    reply.bulk(key);
                    loop.turn().spend(reply);
                    count++;
                }
                match = null;
            }
        }

        private void end() {
            if (tellsCursor) {
                reply.fillScan(place, Long.toUnsignedString(scan.cursor()), count);
            } else {
                reply.fillArray(place, count);
            }
        }
    }
}
