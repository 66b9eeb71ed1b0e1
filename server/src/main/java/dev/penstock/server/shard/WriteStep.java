package dev.penstock.server.shard;

import java.util.List;

/**
 * What one client wants executed as one: a command that writes, or all commands of its transaction. Arguments are not
 * copied, and must not change.
 *
 * @param commands the requests, each with the name of the command as its first argument; not empty
 * @param isTransaction whether the reply is that of EXEC: an array with the replies to the commands. Otherwise there is
 *     one command
 * @param protocolVersion 2 or 3: how the reply is encoded; {@link #NO_REPLY} where nobody wants one
 */
public record WriteStep(List<List<byte[]>> commands, boolean isTransaction, int protocolVersion) {

    /** In place of the version of the protocol. */
    public static final int NO_REPLY = 0;

    /** Bytes that an argument counts besides its own, so that many short ones do not make a long entry of records. */
    private static final int ARGUMENT_LENGTH = 16;

    public WriteStep {
        commands = List.copyOf(commands);
        if (commands.isEmpty() || !isTransaction && commands.size() > 1) {
            throw new IllegalArgumentException("a step is one command or a transaction, not " + commands.size());
        }
    }

    /** Bytes of all arguments, and some for each. */
    public long length() {
        long length = 0;
        for (List<byte[]> command : commands) {
            for (byte[] argument : command) {
                length += length(argument.length);
            }
        }
        return length;
    }

    /** What an argument of a length in bytes counts. */
    public static long length(int argumentLength) {
        return (long) argumentLength + ARGUMENT_LENGTH;
    }
}
