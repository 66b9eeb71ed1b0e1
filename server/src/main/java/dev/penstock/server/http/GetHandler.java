package dev.penstock.server.http;

import dev.penstock.server.http.ByteRanges.Range;
import dev.penstock.server.session.LoopContext;
import dev.penstock.server.session.Verifying;
import dev.penstock.server.transfer.OutputQueue;
import dev.penstock.server.turn.Turn;
import dev.penstock.store.Key;
import dev.penstock.store.ValueView;
import dev.penstock.store.transfer.StoreTransfer;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * GET and HEAD of a key: the value, or parts of it, or that the client has it already. The bytes leave as values of the
 * Redis protocol do, from their file if there are many. One for each event loop, whose thread it belongs to.
 */
final class GetHandler {

    private static final byte[] ACCEPT_RANGES = ResponseHead.line("Accept-Ranges", "bytes");
    private static final byte[] CACHE_CONTROL = "Cache-Control".getBytes(StandardCharsets.ISO_8859_1);
    private static final byte[] CONTENT_RANGE = "Content-Range".getBytes(StandardCharsets.ISO_8859_1);
    private static final int ATTEMPTS = 16;
    private static final byte[] NO_SNIFFING = ResponseHead.line("X-Content-Type-Options", "nosniff");

    private final LoopContext loop;
    private final Responses responses;
    private final StoreTransfer transfer;
    private final ContentTypes types;

    GetHandler(LoopContext loop, Responses responses, ContentTypes types) {
        this.loop = loop;
        this.responses = responses;
        this.transfer = StoreTransfer.of(loop.store());
        this.types = types;
    }

    void handle(HttpExchange exchange) {
        loop.turn().spend(Turn.KEY_STEPS);
        boolean answered = false;
        for (int attempt = 0; !answered && attempt < ATTEMPTS; attempt++) {
            ValueView view = locate(exchange.key());
            if (attempt == 0) {
                loop.metrics().looked(view != null);
            }
            if (view == null) {
                throw Problem.noValue(); // whatever the conditions are (RFC 9110, 13.2.1)
            }
            try {
                answered = answer(exchange, view);
            } catch (RuntimeException | Error e) {
                view.close();
                throw e;
            }
        }
        if (!answered) {
            throw RequestFailures.changing();
        }
        Verifying.run(exchange.session(), exchange.session().reply());
    }

    /** Null if the key is absent. */
    private @Nullable ValueView locate(byte[] bytes) {
        ValueView view = new ValueView();
        return transfer.locate(Key.of(bytes), view) ? view : null;
    }

    /** Puts the response into the output; false, with nothing put, if another writer has replaced the value. */
    private boolean answer(HttpExchange exchange, ValueView view) {
        RequestHead head = exchange.head();
        boolean conditional = head.fields().contains(HttpHeaderNames.IF_NONE_MATCH)
                || head.fields().contains(HttpHeaderNames.IF_MATCH);
        if (conditional && Preconditions.of(head).isNotModified(view)) {
            describe(exchange, Status.NOT_MODIFIED, view).end(exchange.output());
            view.close();
            return true;
        }
        List<Range> ranges = ranges(head, view);
        if (ranges == null) {
            whole(exchange, view);
        } else if (ranges.size() == 1) {
            part(exchange, view, ranges.getFirst());
        } else {
            return parts(exchange, view, ranges);
        }
        return true;
    }

    /** Null for the whole value. */
    private static @Nullable List<Range> ranges(RequestHead head, ValueView view) {
        String field = head.is("GET") ? head.field(HttpHeaderNames.RANGE) : null; // for GET alone (RFC 9110, 14.2)
        if (field == null) {
            return null;
        }
        String condition = head.field(HttpHeaderNames.IF_RANGE);
        // Dates, weak tags and malformed ones match no value, so the client gets all of it (RFC 9110, 13.1.5).
        if (condition != null && !condition.strip().equals(EntityTag.of(view))) {
            return null;
        }
        return ByteRanges.of(field, view.length());
    }

    private void whole(HttpExchange exchange, ValueView view) {
        OutputQueue output = exchange.output();
        describe(exchange, Status.OK, view)
                .line(ACCEPT_RANGES)
                .line(types.fieldsOf(exchange.key()))
                .contentLength(view.length())
                .end(output);
        if (exchange.head().is("HEAD") || view.length() == 0) {
            view.close();
        } else {
            output.putBody(view, 0, view.length());
        }
    }

    private void part(HttpExchange exchange, ValueView view, Range range) {
        describe(exchange, Status.PARTIAL_CONTENT, view)
                .line(types.fieldsOf(exchange.key()))
                .field(CONTENT_RANGE, contentRange(range, view.length()))
                .contentLength(range.length())
                .end(exchange.output());
        exchange.output().putBody(view, range.first(), range.length());
    }

    private static String contentRange(Range range, long length) {
        return "bytes " + range.first() + "-" + range.last() + "/" + length;
    }

    /**
     * Several ranges in one response (RFC 9110, 14.6). Each part has a view of its own, of the same value; false if
     * there is none any more.
     */
    private boolean parts(HttpExchange exchange, ValueView view, List<Range> ranges) {
        List<ValueView> views = views(view, ranges.size(), () -> locate(exchange.key()));
        if (views == null) {
            return false;
        }
        int taken = 0;
        try {
            String boundary = Long.toHexString(ThreadLocalRandom.current().nextLong())
                    + Long.toHexString(ThreadLocalRandom.current().nextLong());
            List<byte[]> heads = new ArrayList<>();
            byte[] end = ("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.ISO_8859_1);
            String type = new String(types.typeOf(exchange.key()), StandardCharsets.ISO_8859_1);
            long length = end.length;
            for (Range range : ranges) {
                String text = "\r\n--" + boundary + "\r\n" + type + "Content-Range: "
                        + contentRange(range, view.length()) + "\r\n\r\n";
                heads.add(text.getBytes(StandardCharsets.ISO_8859_1));
                length += text.length() + range.length();
            }
            describe(exchange, Status.PARTIAL_CONTENT, view)
                    .line(ResponseHead.line("Content-Type", "multipart/byteranges; boundary=" + boundary))
                    .line(NO_SNIFFING)
                    .contentLength(length)
                    .end(exchange.output());
            for (; taken < ranges.size(); taken++) {
                exchange.output().put(heads.get(taken));
                Range range = ranges.get(taken);
                exchange.output().putPart(views.get(taken), range.first(), range.length());
            }
            exchange.output().put(end);
            return true;
        } catch (RuntimeException | Error e) {
            // The output closes the view that it took last. Closing it again does nothing.
            views.subList(taken, views.size()).forEach(ValueView::close);
            throw e;
        }
    }

    /**
     * More views of the value that one shows, which is the first of them.
     *
     * @param next makes another view of the key's value; null if there is none
     * @return null, and all of them closed, if the value is gone
     */
    static @Nullable List<ValueView> views(ValueView first, int count, Supplier<@Nullable ValueView> next) {
        List<ValueView> views = new ArrayList<>(List.of(first));
        boolean complete = false;
        try {
            while (views.size() < count) {
                ValueView view = next.get();
                if (view == null) {
                    return null;
                }
                views.add(view);
                if (view.version() != first.version()) {
                    return null;
                }
            }
            complete = true;
            return views;
        } finally {
            if (!complete) {
                views.forEach(ValueView::close);
            }
        }
    }

    /** Begins a head with what tells the value from others and how long it lasts. */
    private ResponseHead describe(HttpExchange exchange, Status status, ValueView view) {
        ResponseHead head = responses.begin(exchange, status).tag(EntityTag.of(view));
        Instant expiry = view.expiry();
        if (expiry != null) {
            long seconds = Math.max(0, (expiry.toEpochMilli() - loop.clock().millis()) / 1000);
            head.field(CACHE_CONTROL, "max-age=" + seconds);
        }
        return head;
    }
}
