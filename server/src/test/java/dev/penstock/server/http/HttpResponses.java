package dev.penstock.server.http;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads what a server has sent, strictly. */
final class HttpResponses {

    private static final Pattern HEAD =
            Pattern.compile("HTTP/1\\.1 ([1-5]\\d\\d) [A-Z][A-Za-z -]+\r\n((?:[A-Za-z-]+: [\\x20-\\x7e]+\r\n)*)\r\n");
    private static final Pattern BEGIN = Pattern.compile("HTTP/1\\.1 \\d");
    private static final Pattern LENGTH = Pattern.compile("(?:^|\n)Content-Length: (\\d+)\r\n");

    private HttpResponses() {}

    /** Without what differs from run to run. */
    static String normalized(String responses) {
        return responses
                .replace("HTTP/1.1 100 Continue\r\n\r\n", "") // not sent to a client that has sent its body already
                .replaceAll("Date: [^\r]*", "Date: x")
                .replaceAll("max-age=[0-9]*", "max-age")
                .replaceAll("expires\":\"[^\"]*", "expires")
                .replaceAll("[0-9a-f]{16}-", "version-")
                .replaceAll("version\":[0-9]*", "version")
                .replaceAll("cursor\":\"[0-9]*", "cursor")
                .replaceAll("\r\nContent-Length: [0-9]+\r\n\r\n\\{\"keys", "\r\n\r\n{\"keys")
                .replaceAll("boundary=[0-9a-f]+", "boundary")
                .replaceAll("Content-Length: [0-9]+\r\n\r\n\r\n--[0-9a-f]+", "--")
                .replaceAll("--[0-9a-f]+", "--");
    }

    /**
     * The status codes of responses that follow each other. A response to HEAD has no body, so a body is left out where
     * the next response begins at once.
     *
     * @throws AssertionError if these are not whole responses and nothing else
     */
    static List<Integer> statuses(String sent) {
        List<Integer> statuses = new ArrayList<>();
        Matcher head = HEAD.matcher(sent);
        int at = 0;
        while (at < sent.length()) {
            if (!head.find(at) || head.start() != at) {
                throw new AssertionError("no response begins at " + at + ": " + part(sent, at));
            }
            int status = Integer.parseInt(head.group(1));
            statuses.add(status);
            at = head.end();
            boolean isEmpty = status < 200 || status == 204 || status == 304;
            Matcher length = LENGTH.matcher(head.group(2));
            if (length.find() == isEmpty) {
                throw new AssertionError(isEmpty ? "a length where no body is" : "no length: " + head.group());
            }
            if (isEmpty) {
                continue;
            }
            if (at == sent.length()
                    || BEGIN.matcher(sent).region(at, sent.length()).lookingAt()) {
                continue; // no body of these tests begins like a response
            }
            at += Integer.parseInt(length.group(1));
            if (at > sent.length()) {
                throw new AssertionError("the last body lacks " + (at - sent.length()) + " bytes");
            }
        }
        return statuses;
    }

    private static String part(String sent, int from) {
        return sent.substring(from, Math.min(sent.length(), from + 200));
    }
}
