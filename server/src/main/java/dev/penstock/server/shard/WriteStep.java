package dev.penstock.server.shard;

import java.util.List;

/**
 * What one client wants executed as one: a command that writes, or all commands of its transaction. Arguments are not
 * copied, and must not change.
 *
 * @param commands the requests, each with the name of the command as its first argument; not empty
 * @param isTransaction whether the reply is that of EXEC: an array with the replies to the commands. Otherwise there is
 *     one command
 * @param protocolVersion 2 or 3: how the reply is encoded; of no consequence where nobody wants it
 */
public record WriteStep(List<List<byte[]>> commands, boolean isTransaction, int protocolVersion) {

    public WriteStep {
        commands = List.copyOf(commands);
        if (commands.isEmpty() || !isTransaction && commands.size() > 1) {
            throw new IllegalArgumentException("a step is one command or a transaction, not " + commands.size());
        }
    }

    /** Bytes of all arguments. */
    public long length() {
        long length = 0;
        for (List<byte[]> command : commands) {
            for (byte[] argument : command) {
                length += argument.length;
            }
        }
        return length;
    }
}
