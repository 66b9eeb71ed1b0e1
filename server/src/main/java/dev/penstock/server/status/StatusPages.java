package dev.penstock.server.status;

import dev.penstock.server.acl.Credentials;
import dev.penstock.server.report.Health;
import dev.penstock.server.report.MetricsSnapshot;
import dev.penstock.server.session.ServerContext;
import dev.penstock.server.status.StatusAccess.AccessVerdict;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;

/**
 * The responses of the status port: {@code /} is a page, {@code /still} the same without refreshing, {@code /metrics}
 * the Prometheus format. {@link StatusAccess} decides about requests for these; {@code /livez} and {@code /readyz}
 * answer every supervisor.
 */
final class StatusPages {

    private static final String PLAIN = "text/plain; charset=utf-8";
    private static final String NOT_AVAILABLE = "503 Service Unavailable";

    private static final String POLICY = "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; "
            + "img-src data:; frame-ancestors 'none'\r\n";

    private static final String REFRESH = "Refresh: " + StatusPage.REFRESH_SECONDS + "\r\n";
    private static final String INFO = "info";
    private static final String CLIENT_LIST = "client|list";

    private final ServerContext server;
    private final StatusAccess access;

    StatusPages(ServerContext server, StatusAccess access) {
        this.server = server;
        this.access = access;
    }

    /** The whole answer. */
    StatusAnswer answer(StatusRequest request, StatusClient client) throws IOException {
        if (request.method() == null) {
            return refusal("400 Bad Request", "", "That is no HTTP request.", false);
        }
        boolean head = request.method().equals("HEAD");
        if (!head && !request.method().equals("GET")) {
            return refusal("405 Method Not Allowed", "Allow: GET, HEAD\r\n", "This page can only be read.", false);
        }
        return switch (request.path()) {
            case "/livez" -> live(head);
            case "/readyz" -> ready(head);
            default -> shown(request, client, head);
        };
    }

    private StatusAnswer live(boolean head) {
        Health health = Health.of(server);
        return health.isLive()
                ? plain("200 OK", "ok", head)
                : plain(NOT_AVAILABLE, String.join("\n", health.problems()), head);
    }

    private StatusAnswer ready(boolean head) {
        Health health = Health.of(server);
        return health.isReady()
                ? plain("200 OK", "ok", head)
                : plain(NOT_AVAILABLE, String.join("\n", health.problems()), head);
    }

    private StatusAnswer shown(StatusRequest request, StatusClient client, boolean head) throws IOException {
        boolean isMetrics = request.path().equals("/metrics");
        AccessVerdict verdict =
                isMetrics ? access.decide(request, client, INFO) : access.decide(request, client, INFO, CLIENT_LIST);
        return switch (verdict) {
            case WRONG_HOST ->
                refusal("403 Forbidden", "", "Ask for localhost, for an address, or for a name of metrics-bind.", head);
            case NO_CREDENTIALS ->
                refusal(
                        "401 Unauthorized",
                        Credentials.CHALLENGE,
                        "The request needs the credentials of a user.",
                        head);
            case WRONG_CREDENTIALS ->
                new StatusAnswer(
                        refusal(
                                        "401 Unauthorized",
                                        Credentials.CHALLENGE,
                                        "There is no such user with this password.",
                                        head)
                                .bytes(),
                        true);
            case NO_RIGHT ->
                refusal(
                        "403 Forbidden",
                        "",
                        "The user needs the right to " + (isMetrics ? INFO : INFO + " and " + CLIENT_LIST) + ".",
                        head);
            case ALLOWED ->
                switch (request.path()) {
                    case "/" -> page(true, head);
                    case "/still" -> page(false, head);
                    case "/metrics" -> metrics(request, head);
                    default -> refusal("404 Not Found", "", "There are /, /still, /metrics, /livez and /readyz.", head);
                };
        };
    }

    /** The answer to a request whose head is longer than any that makes sense here. */
    StatusAnswer tooLong() {
        return refusal("431 Request Header Fields Too Large", "", "The request is too long.", false);
    }

    /** @param refreshes whether the browser asks again by itself; a reader may need more time */
    private StatusAnswer page(boolean refreshes, boolean head) throws IOException {
        byte[] page =
                new StatusPage(MetricsSnapshot.of(server), refreshes).html().getBytes(StandardCharsets.UTF_8);
        return answer("200 OK", "text/html; charset=utf-8", POLICY + (refreshes ? REFRESH : ""), page, head);
    }

    private StatusAnswer metrics(StatusRequest request, boolean head) throws IOException {
        MetricsText metrics =
                new MetricsText(MetricsSnapshot.of(server), JvmFigures.now(), MetricsFormat.of(request.accept()));
        ByteArrayOutputStream body = new ByteArrayOutputStream(8192);
        metrics.writeTo(body);
        return answer("200 OK", metrics.contentType(), "", body.toByteArray(), head);
    }

    private static StatusAnswer plain(String status, String text, boolean head) {
        return refusal(status, "", text, head);
    }

    private static StatusAnswer refusal(String status, String header, String reason, boolean head) {
        return answer(status, PLAIN, header, (reason + "\n").getBytes(StandardCharsets.UTF_8), head);
    }

    private static StatusAnswer answer(String status, String type, String header, byte[] body, boolean head) {
        String first = "HTTP/1.1 " + status + "\r\nDate: "
                + DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC)) + "\r\nContent-Type: "
                + type + "\r\nContent-Length: " + body.length + "\r\nCache-Control: no-store\r\n"
                + "X-Content-Type-Options: nosniff\r\n" + header + "Connection: close\r\n\r\n";
        ByteArrayOutputStream whole = new ByteArrayOutputStream(first.length() + body.length);
        whole.writeBytes(first.getBytes(StandardCharsets.ISO_8859_1));
        if (!head) {
            whole.writeBytes(body);
        }
        return new StatusAnswer(whole.toByteArray(), false);
    }
}
