package dev.penstock.server.http;

import dev.penstock.server.session.LoopContext;
import dev.penstock.server.transfer.OutputQueue;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Responses without a value, and the heads of all. One for each event loop, whose thread it belongs to. */
final class Responses {

    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);
    private static final byte[] PROBLEM_TYPE = ResponseHead.line("Content-Type", "application/problem+json");
    private static final byte[] ALLOW = ResponseHead.line("Allow", "GET, HEAD, PUT, DELETE, OPTIONS");

    private final LoopContext loop;
    private final CrossOrigin origins;
    private final ResponseHead head = new ResponseHead();

    Responses(LoopContext loop, CrossOrigin origins) {
        this.loop = loop;
        this.origins = origins;
    }

    /** All of a response that is sent before there is a request. */
    static byte[] tooManyClients() {
        String json = new Problem(Status.SERVICE_UNAVAILABLE, "the server has as many clients as it may have").toJson();
        String head = Status.SERVICE_UNAVAILABLE.line()
                + "Connection: close\r\nRetry-After: 1\r\nContent-Type: application/problem+json\r\nContent-Length: "
                + json.length() + "\r\n\r\n";
        return (head + json).getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Begins the head of a response. The caller adds fields and ends it, before it begins another one. */
    ResponseHead begin(HttpExchange exchange, Status status) {
        exchange.status(status);
        head.begin(status, loop.nowMillis())
                .connection(exchange.isKept(), exchange.head().isOldVersion());
        origins.addTo(head);
        return head;
    }

    /** Asks the client for the body of its request. */
    void proceed(OutputQueue output) {
        output.put(CONTINUE);
    }

    /** Says that a value is stored, and gives its tag: the client has the bytes, so it need not ask for it. */
    void stored(HttpExchange exchange, Put.Stored stored) {
        ResponseHead begun = begin(exchange, stored.status());
        if (stored.tag() != null) {
            begun.tag(stored.tag());
        }
        if (stored.status() != Status.NO_CONTENT) {
            begun.contentLength(0);
        }
        begun.end(exchange.output());
    }

    /** Says that a value is removed. */
    void removed(HttpExchange exchange) {
        begin(exchange, Status.NO_CONTENT).end(exchange.output());
    }

    /** Says which methods there are, and to a web page of a permitted origin that it may use them. */
    void options(HttpExchange exchange) {
        ResponseHead begun = begin(exchange, Status.NO_CONTENT).line(ALLOW);
        origins.addPermissionsTo(begun);
        begun.end(exchange.output());
    }

    /** @param exchange null if the request was none; the connection ends then */
    void problem(@Nullable HttpExchange exchange, OutputQueue output, Problem problem) {
        byte[] json = problem.toJson().getBytes(StandardCharsets.ISO_8859_1);
        if (exchange != null) {
            exchange.status(problem.status());
        }
        head.begin(problem.status(), loop.nowMillis())
                .connection(
                        exchange != null && exchange.isKept(),
                        exchange != null && exchange.head().isOldVersion());
        origins.addTo(head);
        if (!problem.field().isEmpty()) {
            head.line(problem.field().getBytes(StandardCharsets.ISO_8859_1));
        }
        head.line(PROBLEM_TYPE).contentLength(json.length).end(output);
        if (exchange == null || !exchange.head().is("HEAD")) {
            output.put(json);
        }
    }
}
