package dev.penstock.server.transfer;

/** All clients together hold as much memory as they may. Clients can cause it, so it has no stack trace. */
public final class OutOfBudgetException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    OutOfBudgetException(String purpose, long limit) {
        super(purpose + " of all clients need more than " + (limit >> 20) + " MiB", null, false, false);
    }
}
