package dev.penstock.server.http;

import dev.penstock.server.metrics.IncidentLog.Kind;
import dev.penstock.server.session.ErrorText;
import dev.penstock.server.session.LoopContext;
import dev.penstock.server.session.Session;
import dev.penstock.server.transfer.OutOfBudgetException;
import dev.penstock.server.transfer.ReplyTooLargeException;
import dev.penstock.store.CorruptionException;
import dev.penstock.store.ReadOnlyStoreException;
import dev.penstock.store.StoreClosedException;
import dev.penstock.store.StoreException;
import dev.penstock.store.StoreFailedException;
import dev.penstock.store.StoreFullException;
import java.lang.System.Logger.Level;

/** What a client is told when its request fails. Only text that was written for clients gets out. */
final class RequestFailures {

    private static final String RETRY = "Retry-After: 1\r\n";

    private final LoopContext loop;

    RequestFailures(LoopContext loop) {
        this.loop = loop;
    }

    /** The problem that a failure is to a client. What only the operator should see goes to the log. */
    Problem problem(Session session, Throwable e) {
        if (e instanceof Problem problem) {
            return problem;
        }
        if (ErrorText.isForTheLog(e)) {
            String text = "a request by HTTP of " + session.connection().remoteAddress() + " failed";
            if (e instanceof StoreException refusal) {
                String why = text + ": " + ErrorText.forTheLog(refusal);
                loop.incidents().note(Kind.FAILED_COMMAND, loop.nowMillis(), Level.WARNING, why, null);
            } else {
                loop.incidents().note(Kind.FAILED_COMMAND, loop.nowMillis(), Level.ERROR, text, e);
            }
        }
        return of(e);
    }

    private static Problem of(Throwable e) {
        return switch (e) {
            case OutOfBudgetException full -> memoryIsShort();
            case ReplyTooLargeException full -> memoryIsShort();
            case StoreFullException full ->
                new Problem(
                        Status.INSUFFICIENT_STORAGE,
                        "no space left for the value: the file system of the server is full");
            case ReadOnlyStoreException readOnly ->
                new Problem(Status.FORBIDDEN, "the store was opened for reading only");
            case StoreFailedException failed ->
                new Problem(
                        Status.SERVICE_UNAVAILABLE,
                        "the store accepts no more writes after a file error; see the server's log");
            case StoreClosedException closed -> new Problem(Status.SERVICE_UNAVAILABLE, "the store is closed");
            case CorruptionException damaged ->
                new Problem(Status.INTERNAL_SERVER_ERROR, "the stored data is damaged; see the server's log");
            default -> new Problem(Status.INTERNAL_SERVER_ERROR, "the request failed; see the server's log");
        };
    }

    private static Problem memoryIsShort() {
        return new Problem(Status.SERVICE_UNAVAILABLE, "the requests of all clients take too much memory now", RETRY);
    }

    /** The response to a read for which no moment was found at which the value stood still. */
    static Problem changing() {
        return new Problem(
                Status.SERVICE_UNAVAILABLE, "the value is replaced all the time; send the request again", RETRY);
    }

    /** The response to a request that has begun when the server stops. */
    static Problem stopping() {
        return new Problem(Status.SERVICE_UNAVAILABLE, "the server is stopping", RETRY);
    }
}
