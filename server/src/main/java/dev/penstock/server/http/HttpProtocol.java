package dev.penstock.server.http;

import dev.penstock.server.resp.RequestBuffer;
import dev.penstock.server.resp.RequestDecoder;
import dev.penstock.server.session.LoopContext;
import dev.penstock.server.session.Protocol;
import dev.penstock.server.session.Session;
import dev.penstock.server.transfer.Intake;
import dev.penstock.server.transfer.OutOfBudgetException;
import dev.penstock.server.transfer.OutputQueue;
import dev.penstock.server.transfer.Upload;
import dev.penstock.server.turn.Turn;
import dev.penstock.store.WriteOptions;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 of one client (RFC 9110, 9112): one request after another, each with its response, also where they arrive
 * together. A request is refused before its body is taken in if that is possible. What cannot be understood, or has a
 * body that nobody reads, is the last one of its connection.
 */
final class HttpProtocol implements Protocol {

    /** The body of a refused request is read, and dropped, up to this length, so that the connection can go on. */
    private static final long MOST_DROPPED = 1 << 20;

    /** How long a connection is kept for another request. Clients expect that it ends at some time. */
    private static final long IDLE_SECONDS = 75;

    private final HttpService service;
    private final LoopContext loop;
    private final Session session;
    private final RequestBuffer input;
    private final OutputQueue output;
    private final HeadScanner scanner;
    private long beganNanos;
    private @Nullable HttpExchange exchange; // null between requests
    private boolean admitting; // the rights of the user are being checked
    private @Nullable Put put; // null unless the request stores a value that is accepted
    private @Nullable Body body; // null unless one is taken in

    HttpProtocol(HttpService service, Session session, RequestBuffer input, OutputQueue output) {
        this.service = service;
        this.loop = service.loop();
        this.session = session;
        this.input = input;
        this.output = output;
        this.scanner = new HeadScanner(input);
    }

    @Override
    public void received() {}

    @Override
    public void beginRun() {
        beganNanos = System.nanoTime();
    }

    @Override
    public Progress next() {
        output.mark();
        try {
            if (body != null) {
                return take(body);
            }
            return exchange == null ? begin() : admit(exchange);
        } catch (RuntimeException | Error e) {
            return fail(e);
        }
    }

    private Progress begin() {
        int length = scanner.find();
        if (length < 0) {
            return Progress.MORE;
        }
        loop.turn().spend(Turn.COMMAND_STEPS);
        loop.turn().spendBytes(length);
        RequestHead head = service.heads().decode(input.view(0, length), scanner.firstLineLength());
        input.consume(length);
        scanner.reset();
        HttpExchange begun = new HttpExchange(session, output, head);
        exchange = begun;
        if (!head.is("PUT") && (head.bodyLength() > 0 || head.bodyLength() == RequestHead.CHUNKED)) {
            begun.endConnection(); // a body without a meaning is not read
        }
        if (head.is("OPTIONS")) {
            service.admission().checkHost(begun);
            service.responses().options(begun); // tells nothing of the store; browsers ask without credentials
            return Progress.DONE;
        }
        return admit(begun);
    }

    /** Executes a request, or begins to, unless it takes more than this turn to check that the user may make it. */
    private Progress admit(HttpExchange begun) {
        if (begun.head().is("PUT")) {
            return beginPut(begun);
        }
        admitting = true;
        if (!service.admission().admits(begun)) {
            return Progress.PART;
        }
        admitting = false;
        service.handle(begun);
        return session.isSuspended() ? Progress.UNFINISHED : Progress.DONE;
    }

    /** Takes in the body of a value, or refuses it. */
    private Progress beginPut(HttpExchange begun) {
        Body accepted;
        admitting = true;
        try {
            if (!service.admission().admits(begun)) {
                return Progress.PART;
            }
            accepted = accept(begun);
        } catch (Problem refusal) {
            long length = begun.head().bodyLength();
            boolean dropped = length > 0 && length <= MOST_DROPPED && !isExpecting(begun.head());
            if (!dropped) {
                throw refusal;
            }
            accepted = new LargeBody(input, loop.turn(), Upload.refused(refusal, length), null, true);
        }
        admitting = false;
        body = accepted;
        Progress progress = take(accepted);
        if (progress != Progress.DONE
                && put != null
                && isExpecting(begun.head())
                && !begun.head().isOldVersion()) {
            service.responses().proceed(output);
        }
        return progress;
    }

    private static boolean isExpecting(RequestHead head) {
        return head.field(HttpHeaderNames.EXPECT) != null;
    }

    private Body accept(HttpExchange begun) {
        HttpService.checkKey(begun);
        RequestHead head = begun.head();
        checkFields(head);
        long longest = loop.settings().longestBulk();
        if (head.bodyLength() == RequestHead.NO_BODY) {
            throw new Problem(Status.LENGTH_REQUIRED, "PUT takes a Content-Length, or a body in chunks");
        }
        if (head.bodyLength() > longest) {
            throw ChunkedBody.tooLong();
        }
        Put begunPut = new Put(begun, loop);
        begunPut.checkConditions();
        Digests digests = Digests.of(head, loop.turn());
        put = begunPut;
        if (head.bodyLength() == RequestHead.CHUNKED) {
            StrictDecoder decoder = service.heads().giveAwayDecoder();
            RequestBuffer gathered = service.newBuffer();
            return new ChunkedBody(input, gathered, decoder, loop, begun.key(), longest, digests);
        }
        if (head.bodyLength() < RequestDecoder.STREAMED_LENGTH) {
            return new SmallBody(input, (int) head.bodyLength(), digests);
        }
        Upload upload = Upload.begin(
                loop.store(), begun.key(), head.bodyLength(), loop.metrics().httpTransfers());
        return new LargeBody(input, loop.turn(), upload, digests, false);
    }

    private static void checkFields(RequestHead head) {
        String expected = head.field(HttpHeaderNames.EXPECT);
        if (expected != null && !expected.equalsIgnoreCase("100-continue")) {
            throw new Problem(Status.EXPECTATION_FAILED, "the server meets no expectation but 100-continue");
        }
        if (head.field(HttpHeaderNames.CONTENT_RANGE) != null) {
            throw new Problem(Status.BAD_REQUEST, "a value is stored as a whole; PUT takes no Content-Range");
        }
        String coding = head.field(HttpHeaderNames.CONTENT_ENCODING);
        if (coding != null && !coding.equalsIgnoreCase("identity")) {
            throw new Problem(
                    Status.UNSUPPORTED_MEDIA_TYPE, "a value has no content coding; send it without Content-Encoding");
        }
    }

    private Progress take(Body arriving) {
        Progress progress = arriving.take();
        return progress == Progress.DONE ? finish(arriving) : progress;
    }

    private Progress finish(Body complete) {
        HttpExchange stored = Objects.requireNonNull(exchange);
        if (complete.isCutOff()) {
            stored.endConnection();
        }
        session.reply().ensureRoom(); // what is stored is told
        Put accepted = put;
        if (accepted == null) {
            complete.store(loop.store(), stored.key(), WriteOptions.defaults()); // throws the refusal
        } else {
            loop.turn().spendBytes(Math.max(0, Math.min(stored.head().bodyLength(), RequestDecoder.STREAMED_LENGTH)));
            service.responses().stored(stored, accepted.store(complete));
        }
        return Progress.DONE;
    }

    /** Turns what was thrown into a response. The request is over then. */
    private Progress fail(Throwable e) {
        loop.turn().spend(Turn.COMMAND_STEPS);
        HttpExchange failed = exchange;
        if (failed != null && isBodyLeft(failed)) {
            failed.endConnection();
        }
        output.rollback();
        service.responses().problem(failed, output, service.failures().problem(session, e));
        if (failed == null) {
            loop.metrics().httpRequestServed(true);
            return Progress.BROKEN;
        }
        return Progress.DONE;
    }

    /** Whether bytes of a body are still to come that nobody reads. */
    private boolean isBodyLeft(HttpExchange failed) {
        return body == null ? failed.head().bodyLength() != 0 && failed.head().is("PUT") : body.isCutOff();
    }

    @Override
    public Intake intake() {
        return Objects.requireNonNull(Objects.requireNonNull(body).intake());
    }

    @Override
    public boolean resume() {
        beganNanos = System.nanoTime();
        try {
            session.run(Objects.requireNonNull(session.takeSuspended()));
        } catch (RuntimeException | Error e) {
            fail(e);
        }
        return !session.isSuspended();
    }

    @Override
    public void done() {
        HttpExchange served = exchange;
        if (body != null) {
            body.close();
        }
        body = null;
        put = null;
        exchange = null;
        admitting = false;
        loop.turn().spend(session.reply());
        long now = System.nanoTime();
        loop.turn().took(now - beganNanos);
        beganNanos = now;
        if (served != null) {
            loop.metrics().httpRequestServed(served.status().isError());
            if (!served.isKept()) {
                session.closeAfterReplies();
            }
        }
    }

    @Override
    public boolean isMidRequest() {
        return body != null || admitting || scanner.isMidHead();
    }

    /** Each request shows its own credentials, in its head, and heads are short. */
    @Override
    public void identified(boolean authenticated) {}

    @Override
    public void refuse(OutOfBudgetException reason) {
        Problem problem = service.failures().problem(session, reason);
        service.responses().problem(null, output, problem);
        session.closeAfterReplies();
    }

    @Override
    public long idleSeconds() {
        return IDLE_SECONDS;
    }

    @Override
    public void stopping() {
        if (isMidRequest()) {
            service.responses().problem(null, output, RequestFailures.stopping());
        }
    }

    @Override
    public void discard() {
        if (body != null) {
            body.close();
        }
        body = null;
        put = null;
        exchange = null;
        admitting = false;
        scanner.reset();
        input.release();
    }
}
