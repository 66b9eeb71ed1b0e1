package dev.penstock.server.transfer;

/** A single reply would take more buffer memory than one client may have. */
public final class ReplyTooLargeException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    ReplyTooLargeException(long limit) {
        super("reply needs more than " + (limit >> 20) + " MiB of buffers");
    }
}
