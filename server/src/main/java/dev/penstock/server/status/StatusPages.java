package dev.penstock.server.status;

import dev.penstock.server.report.MetricsSnapshot;
import dev.penstock.server.session.ServerContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.regex.Pattern;

/**
 * The responses of the status port: {@code /} is a page, {@code /still} the same without refreshing, {@code /metrics}
 * the Prometheus format. It answers only to the names of this machine, so that no foreign web page can read it through
 * the browser of a local user.
 */
final class StatusPages {

    private static final Pattern LOCAL = Pattern.compile("(localhost|127\\.0\\.0\\.1|\\[::1])(:\\d{1,5})?");
    private static final String PLAIN = "text/plain; charset=utf-8";

    private static final String POLICY = "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; "
            + "img-src data:; frame-ancestors 'none'\r\n";

    private static final String REFRESH = "Refresh: " + StatusPage.REFRESH_SECONDS + "\r\n";

    private final ServerContext server;

    StatusPages(ServerContext server) {
        this.server = server;
    }

    /** The whole answer. */
    byte[] answer(StatusRequest request) throws IOException {
        if (request.method() == null) {
            return refusal("400 Bad Request", "", "That is no HTTP request.", false);
        }
        boolean head = request.method().equals("HEAD");
        if (!head && !request.method().equals("GET")) {
            return refusal("405 Method Not Allowed", "Allow: GET, HEAD\r\n", "This page can only be read.", false);
        }
        if (request.host() == null || !LOCAL.matcher(request.host()).matches()) {
            return refusal("403 Forbidden", "", "Ask for localhost or 127.0.0.1.", head);
        }
        return switch (request.path()) {
            case "/" -> page(true, head);
            case "/still" -> page(false, head);
            case "/metrics" -> metrics(request, head);
            default -> refusal("404 Not Found", "", "There are /, /still and /metrics.", head);
        };
    }

    /** The answer to a request whose head is longer than any that makes sense here. */
    byte[] tooLong() {
        return refusal("431 Request Header Fields Too Large", "", "The request is too long.", false);
    }

    /** @param refreshes whether the browser asks again by itself; a reader may need more time */
    private byte[] page(boolean refreshes, boolean head) throws IOException {
        byte[] page =
                new StatusPage(MetricsSnapshot.of(server), refreshes).html().getBytes(StandardCharsets.UTF_8);
        return answer("200 OK", "text/html; charset=utf-8", POLICY + (refreshes ? REFRESH : ""), page, head);
    }

    private byte[] metrics(StatusRequest request, boolean head) throws IOException {
        MetricsText metrics = new MetricsText(MetricsSnapshot.of(server), MetricsFormat.of(request.accept()));
        ByteArrayOutputStream body = new ByteArrayOutputStream(8192);
        metrics.writeTo(body);
        return answer("200 OK", metrics.contentType(), "", body.toByteArray(), head);
    }

    private static byte[] refusal(String status, String header, String reason, boolean head) {
        return answer(status, PLAIN, header, (reason + "\n").getBytes(StandardCharsets.UTF_8), head);
    }

    private static byte[] answer(String status, String type, String header, byte[] body, boolean head) {
        String first = "HTTP/1.1 " + status + "\r\nDate: "
                + DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC)) + "\r\nContent-Type: "
                + type + "\r\nContent-Length: " + body.length + "\r\nCache-Control: no-store\r\n"
                + "X-Content-Type-Options: nosniff\r\n" + header + "Connection: close\r\n\r\n";
        ByteArrayOutputStream whole = new ByteArrayOutputStream(first.length() + body.length);
        whole.writeBytes(first.getBytes(StandardCharsets.ISO_8859_1));
        if (!head) {
            whole.writeBytes(body);
        }
        return whole.toByteArray();
    }
}
