package dev.penstock.server.http;

import dev.penstock.server.resp.RequestBuffer;
import dev.penstock.server.session.Dispatcher;
import dev.penstock.server.session.LoopContext;
import dev.penstock.server.session.Protocol;
import dev.penstock.server.session.Session;
import dev.penstock.server.transfer.ChunkPool;
import dev.penstock.server.transfer.OutputQueue;

/**
 * What the clients that speak HTTP on one event loop share: the decoder of heads, and what each method does. Belongs to
 * the thread of the loop.
 */
public final class HttpService {

    private final LoopContext loop;
    private final ChunkPool pool;
    private final HeadDecoder heads = new HeadDecoder();
    private final Responses responses;
    private final RequestFailures failures;
    private final Admission admission;
    private final GetHandler get;
    private final DeleteHandler delete;

    /**
     * @param dispatcher finds the commands whose rights the methods need
     * @param options what all event loops share
     */
    public HttpService(LoopContext loop, ChunkPool pool, Dispatcher dispatcher, HttpOptions options) {
        this.loop = loop;
        this.pool = pool;
        this.responses = new Responses(loop, options.origins());
        this.failures = new RequestFailures(loop);
        this.admission = new Admission(loop, dispatcher, options.hosts());
        this.get = new GetHandler(loop, responses, options.types());
        this.delete = new DeleteHandler(loop, responses);
    }

    /** See {@link Protocol.Factory}. */
    public Protocol protocol(Session session, RequestBuffer input, OutputQueue output) {
        return new HttpProtocol(this, session, input, output);
    }

    /** The response to a client that connects when there are as many as may be. */
    public static byte[] tooManyClients() {
        return Responses.tooManyClients();
    }

    LoopContext loop() {
        return loop;
    }

    HeadDecoder heads() {
        return heads;
    }

    Responses responses() {
        return responses;
    }

    RequestFailures failures() {
        return failures;
    }

    Admission admission() {
        return admission;
    }

    RequestBuffer newBuffer() {
        return new RequestBuffer(pool);
    }

    /**
     * Executes a request for a value or a list that needs no body, and that the user may make. It may leave work that
     * takes more than a turn to the session.
     */
    void handle(HttpExchange exchange) {
        boolean isServer = exchange.key().length == 0;
        switch (exchange.head().method()) {
            case "GET", "HEAD" -> {
                if (isServer) {
                    list(exchange);
                } else {
                    get.handle(exchange);
                }
            }
            case "DELETE" -> {
                checkKey(exchange);
                delete.handle(exchange);
            }
            default ->
                throw new Problem(
                        Status.METHOD_NOT_ALLOWED,
                        "the methods are GET, HEAD, PUT, DELETE and OPTIONS",
                        "Allow: GET, HEAD, PUT, DELETE, OPTIONS\r\n");
        }
    }

    static void checkKey(HttpExchange exchange) {
        if (exchange.key().length == 0) {
            throw new Problem(Status.BAD_REQUEST, "the empty key has no address here");
        }
    }

    private void list(HttpExchange exchange) {
        if (!exchange.head().is("GET") || !exchange.head().target().query().containsKey("list")) {
            throw new Problem(Status.NOT_FOUND, "the empty key has no address here; GET /?list lists keys");
        }
        admission.checkMayList(exchange);
        exchange.session().run(new Listing(loop, exchange, responses));
    }
}
