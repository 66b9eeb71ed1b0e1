package dev.penstock.server.session;

import dev.penstock.server.resp.CommandError;
import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.Request;

/** Executes one command. Throws {@link CommandError} for an error reply; a reply begun before it is taken back. */
@FunctionalInterface
public interface Handler {

    void run(Session session, Request request, Reply reply);
}
