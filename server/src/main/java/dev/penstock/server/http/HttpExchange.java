package dev.penstock.server.http;

import dev.penstock.server.acl.KeyCheck;
import dev.penstock.server.acl.User;
import dev.penstock.server.session.Session;
import dev.penstock.server.transfer.OutputQueue;
import io.netty.handler.codec.http.HttpHeaderNames;
import org.jspecify.annotations.Nullable;

/** A request of one client and what its response depends on. Event-loop thread only. */
final class HttpExchange {

    private final Session session;
    private final OutputQueue output;
    private final RequestHead head;
    private boolean kept;
    private Status status = Status.OK;
    private @Nullable KeyCheck keyCheck; // null before it begins

    HttpExchange(Session session, OutputQueue output, RequestHead head) {
        this.session = session;
        this.output = output;
        this.head = head;
        this.kept = isKept(head);
    }

    private static boolean isKept(RequestHead head) {
        String connection = head.list(HttpHeaderNames.CONNECTION);
        if (connection == null) {
            return !head.isOldVersion();
        }
        boolean kept = !head.isOldVersion();
        for (String option : connection.split(",", -1)) {
            if (option.strip().equalsIgnoreCase("close")) {
                return false;
            }
            kept |= option.strip().equalsIgnoreCase("keep-alive");
        }
        return kept;
    }

    Session session() {
        return session;
    }

    OutputQueue output() {
        return output;
    }

    RequestHead head() {
        return head;
    }

    byte[] key() {
        return head.target().key();
    }

    /** The user of the request; null before the request is admitted. */
    @Nullable
    User user() {
        return session.user();
    }

    /** The check of the key's rights; null before it begins. */
    @Nullable
    KeyCheck keyCheck() {
        return keyCheck;
    }

    void keyCheck(KeyCheck begun) {
        keyCheck = begun;
    }

    void status(Status answered) {
        status = answered;
    }

    /** Of the response, once there is one. */
    Status status() {
        return status;
    }

    /** Whether the connection serves another request afterwards. */
    boolean isKept() {
        return kept;
    }

    /** Has the connection end with the response. */
    void endConnection() {
        kept = false;
    }
}
