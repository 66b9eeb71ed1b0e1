package dev.penstock.server.session;

/** What the status page shows of one client. Address, name and library are what the client says, or made of it. */
public record ClientLine(
        long id,
        String address,
        String name,
        String library,
        long ageSeconds,
        long idleSeconds,
        String lastCommand,
        long heldBytes) {}
