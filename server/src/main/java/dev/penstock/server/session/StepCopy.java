package dev.penstock.server.session;

import dev.penstock.server.keyspace.EntryLimits;
import dev.penstock.server.resp.CommandError;
import dev.penstock.server.resp.Request;
import dev.penstock.server.resp.RequestQueue;
import dev.penstock.server.shard.Proposals;
import dev.penstock.server.shard.WriteStep;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Copies what clients write into steps for the log of their group. What the log would not take is refused before any of
 * it is copied: a request may have 64 MiB.
 */
final class StepCopy {

    /** Commands of a transaction that do nothing but reply, and so may be executed by any replica. */
    private static final Set<String> HARMLESS = Set.of("ping", "echo", "time");

    /** Memory of a copied argument besides its bytes, and of a command besides its arguments, rounded up. */
    private static final int ARGUMENT_MEMORY = 32;

    private static final int COMMAND_MEMORY = 160;

    private StepCopy() {}

    /**
     * Bytes that a request counts in a step.
     *
     * @throws CommandError if the log takes no such request
     */
    static long length(Request request) {
        long length = 0;
        for (int i = 0; i < request.count(); i++) {
            if (request.isStreamed(i) || request.length(i) >= EntryLimits.VALUE_LENGTH) {
                throw new CommandError(EntryLimits.VALUE_TOO_LONG);
            }
            length += WriteStep.length(request.length(i));
        }
        if (length > Proposals.MOST_STEP_BYTES) {
            throw new CommandError("ERR a request takes at most 3 MiB on a node of a cluster");
        }
        return length;
    }

    /** Memory that the copy of a request takes, in bytes. */
    static long memory(Request request) {
        long memory = COMMAND_MEMORY;
        for (int i = 0; i < request.count(); i++) {
            memory += request.length(i) + ARGUMENT_MEMORY;
        }
        return memory;
    }

    /** Memory that the copy of what a client has queued takes, in bytes. */
    static long memory(Transaction transaction) {
        long memory = COMMAND_MEMORY;
        RequestQueue.Cursor queued = transaction.queue().cursor();
        for (Request next = queued.next(); next != null; next = queued.next()) {
            memory += memory(next);
        }
        return memory;
    }

    /** The command of a request; the caller has checked the request with {@link #length}. */
    static WriteStep of(Session session, Request request) {
        return new WriteStep(List.of(arguments(request)), false, session.reply().protocolVersion());
    }

    /**
     * What a client has queued since MULTI, each request of which has a {@link #length}.
     *
     * @param dispatcher knows the commands
     * @throws CommandError if there is a command that only the client's own server can execute
     */
    static WriteStep of(Session session, Transaction transaction, Dispatcher dispatcher) {
        RequestQueue queue = transaction.queue();
        RequestQueue.Cursor checked = queue.cursor();
        for (Request next = checked.next(); next != null; next = checked.next()) {
            Command command = dispatcher.known(next);
            if (!command.isWrite() && !command.isReadOnly() && !HARMLESS.contains(command.fullName())) {
                throw new CommandError("ERR a transaction that writes cannot have '" + command.fullName()
                        + "' on a node of a cluster");
            }
        }
        List<List<byte[]>> commands = new ArrayList<>(queue.count());
        RequestQueue.Cursor queued = queue.cursor();
        for (Request next = queued.next(); next != null; next = queued.next()) {
            commands.add(arguments(next));
        }
        return new WriteStep(commands, true, session.reply().protocolVersion());
    }

    private static List<byte[]> arguments(Request request) {
        List<byte[]> arguments = new ArrayList<>(request.count());
        for (int i = 0; i < request.count(); i++) {
            arguments.add(request.bytes(i));
        }
        return arguments;
    }
}
