package dev.penstock.server.resp;

/** An error reply: the client's doing, so without a stack trace. The message is the reply's text. */
public final class CommandError extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public CommandError(String message) {
        super(message, null, false, false);
    }

    public static CommandError syntax() {
        return new CommandError("ERR syntax error");
    }

    public static CommandError notAnInteger() {
        return new CommandError("ERR value is not an integer or out of range");
    }

    public static CommandError invalidExpiry(String command) {
        return new CommandError("ERR invalid expire time in '" + command + "' command");
    }

    /** @param command its full name */
    public static CommandError arity(String command) {
        return new CommandError("ERR wrong number of arguments for '" + command + "' command");
    }
}
