package dev.penstock.server.session;

/** One client on the status page. Name and library are chosen by the client. */
public record ClientLine(
        long id,
        String address,
        String name,
        String library,
        long ageSeconds,
        long idleSeconds,
        String lastCommand,
        long heldBytes) {}
