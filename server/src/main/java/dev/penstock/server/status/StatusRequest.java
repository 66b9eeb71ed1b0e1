package dev.penstock.server.status;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The parts of an HTTP request that the status port reads.
 *
 * @param method null if the head is malformed
 * @param path without a query
 * @param host null if there is none
 * @param accept the values of all {@code Accept} headers
 * @param authorization null if there is none
 */
record StatusRequest(
        @Nullable String method,
        String path,
        @Nullable String host,
        List<String> accept,
        @Nullable String authorization) {

    private static final Pattern FIRST_LINE =
            Pattern.compile("([!-~]+) (?:http://([^/?# ]+))?([/][^?# ]*)?(?:\\?[!-~]*)? HTTP/1\\.[0-9]");

    private static final StatusRequest MALFORMED = new StatusRequest(null, "", null, List.of(), null);

    /** Where the head ends, empty line included; negative if it does not end in the text. */
    static int end(String text) {
        int strict = text.indexOf("\r\n\r\n");
        return strict < 0 ? -1 : strict + 4;
    }

    static StatusRequest of(String head) {
        String[] lines = head.split("\r\n", -1);
        Matcher first = FIRST_LINE.matcher(lines[0]);
        if (!first.matches()) {
            return MALFORMED;
        }
        String host = first.group(2); // an absolute address counts for more than the header: RFC 9112, 3.2.2
        List<String> accept = new ArrayList<>();
        String authorization = null;
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            String name = lines[i].substring(0, Math.max(0, colon)).toLowerCase(Locale.ROOT);
            String value = lines[i].substring(colon + 1).strip();
            if (name.equals("host") && host == null) {
                host = value;
            } else if (name.equals("accept")) {
                accept.add(value);
            } else if (name.equals("authorization") && authorization == null) {
                authorization = value;
            }
        }
        String path = first.group(3);
        return new StatusRequest(first.group(1), path == null ? "/" : path, host, accept, authorization);
    }
}
