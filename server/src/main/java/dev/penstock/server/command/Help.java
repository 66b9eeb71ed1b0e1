package dev.penstock.server.command;

import dev.penstock.server.resp.Reply;

/** The reply of a container's HELP: one simple string a line. */
final class Help {

    private Help() {}

    static void write(Reply reply, String... lines) {
        reply.array(lines.length);
        for (String line : lines) {
            reply.simple(line);
        }
    }
}
