package dev.penstock.server.session;

import dev.penstock.server.resp.RequestBuffer;
import dev.penstock.server.transfer.Intake;
import dev.penstock.server.transfer.OutOfBudgetException;
import dev.penstock.server.transfer.OutputQueue;

/**
 * What one client speaks: finds requests in its input, executes them, and puts the replies into its output. The
 * connection brings the bytes, decides whose turn it is, and sends.
 *
 * <p>Event-loop thread only.
 */
public interface Protocol {

    /** Makes the protocol of a client that has just connected. */
    @FunctionalInterface
    interface Factory {
        Protocol begin(Session session, RequestBuffer input, OutputQueue output);
    }

    /** What became of the next request. */
    enum Progress {
        /** It has not arrived whole. */
        MORE,
        /** It is executed, and its reply is in the output. Call {@link #done}. */
        DONE,
        /** It takes more than a turn: call {@link #resume} until it is done, and {@link #done} then. */
        UNFINISHED,
        /** A part of it was taken in, and more of it is here: call {@link #next} again. */
        PART,
        /** A part of it is to be taken in by {@link #intake}; call {@link #next} when that is complete. */
        INTAKE,
        /** It is no request. An error is in the output, and nothing that follows can be understood. */
        BROKEN
    }

    /** Bytes were added to the input. */
    void received();

    /** Requests that are here already are about to be executed. */
    void beginRun();

    /** Decodes a request, and executes it if it is whole. */
    Progress next();

    /** What takes in a part of the request under way, after {@link Progress#INTAKE}. */
    Intake intake();

    /** Goes on with a request that takes more than a turn. Returns whether it is done. */
    boolean resume();

    /** Drops the bytes of the request that is done. */
    void done();

    /** Whether a request has begun to arrive and is not whole. */
    boolean isMidRequest();

    /** Says whether the client has shown who it is. Until then little is taken from it. */
    void identified(boolean authenticated);

    /** Refuses the request under way because there is no memory for the rest of it. The client must go. */
    void refuse(OutOfBudgetException reason);

    /** Seconds after which a client that sends no request is disconnected, unless the settings say; 0 for never. */
    long idleSeconds();

    /** Says to a client whose request is not whole that the server stops. It is disconnected afterwards. */
    void stopping();

    /** Drops the request under way, and all that was received. */
    void discard();
}
