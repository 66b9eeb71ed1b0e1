package dev.penstock.cluster.entry;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Gathers commands into an entry. After {@link #finish} it is empty again, and may be reused. For one thread.
 *
 * <p>A command is added argument by argument: {@link #begin}, then {@link #argument} as often as was said. A caller
 * that gathers what does not belong together asks {@link #admits} first, and finishes the entry if the command has to
 * go into the next one.
 */
public final class LogEntryWriter {

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int FIRST_CAPACITY = 1024;
    /** What a long command leaves is not kept. */
    private static final int MAX_KEPT_CAPACITY = LogEntry.MAX_GATHERED_LENGTH;

    private byte[] commands = new byte[FIRST_CAPACITY];
    private int length;
    private int commandCount;
    private int missingArguments;

    /**
     * The length of a command in the log.
     *
     * @param argumentLengths the length of each argument, the command's name among them
     * @throws EntryLimitException if the log takes no such command
     */
    public static int commandLength(int... argumentLengths) {
        long sum = Varint.length(argumentLengths.length);
        for (int argumentLength : argumentLengths) {
            if (argumentLength > LogEntry.MAX_ARGUMENT_LENGTH) {
                throw new EntryLimitException("ERR a value in a cluster must be shorter than 1 MiB; this one has "
                        + argumentLength + " bytes");
            }
            sum += Varint.length(argumentLength) + argumentLength;
        }
        if (sum > LogEntry.MAX_COMMAND_LENGTH) {
            throw new EntryLimitException("ERR a request in a cluster takes 3 MiB at most");
        }
        return (int) sum;
    }

    /** Whether a command of a length should be gathered with those that are there. */
    public boolean admits(int commandLength) {
        return commandCount == 0
                || LogEntry.COMMANDS_OFFSET + Varint.MAX_LENGTH + length + commandLength
                        <= LogEntry.MAX_GATHERED_LENGTH;
    }

    /** How many commands are there. */
    int commandCount() {
        return commandCount;
    }

    /**
     * Begins a command.
     *
     * @param argumentCount how many arguments follow, at least one
     */
    public void begin(int argumentCount) {
        if (missingArguments != 0 || argumentCount < 1) {
            throw new IllegalStateException(
                    "a command of " + argumentCount + " arguments, where the one before lacks " + missingArguments);
        }
        reserve(Varint.MAX_LENGTH);
        length = Varint.write(commands, length, argumentCount);
        missingArguments = argumentCount;
        commandCount++;
    }

    /** Adds the next argument of the command. */
    public void argument(byte[] bytes, int offset, int argumentLength) {
        if (missingArguments == 0) {
            throw new IllegalStateException("the command has all its arguments");
        }
        reserve(Varint.MAX_LENGTH + argumentLength);
        length = Varint.write(commands, length, argumentLength);
        System.arraycopy(bytes, offset, commands, length, argumentLength);
        length += argumentLength;
        missingArguments--;
    }

    /**
     * Adds a whole command.
     *
     * @throws EntryLimitException if the log takes no such command, or none beside the others; it is not added
     */
    public void command(byte[]... arguments) {
        int[] lengths = new int[arguments.length];
        Arrays.setAll(lengths, i -> arguments[i].length);
        if (LogEntry.COMMANDS_OFFSET + Varint.MAX_LENGTH + length + commandLength(lengths) > LogEntry.MAX_LENGTH) {
            throw new EntryLimitException("ERR a request in a cluster takes 3 MiB at most");
        }
        begin(arguments.length);
        for (byte[] argument : arguments) {
            argument(argument, 0, argument.length);
        }
    }

    private void reserve(int more) {
        if (length + more > commands.length) {
            commands = Arrays.copyOf(commands, Math.max(length + more, commands.length * 2));
        }
    }

    /** Forgets the commands. */
    public void clear() {
        length = 0;
        commandCount = 0;
        missingArguments = 0;
        if (commands.length > MAX_KEPT_CAPACITY) {
            commands = new byte[FIRST_CAPACITY];
        }
    }

    /**
     * Makes the entry, and forgets its commands.
     *
     * @param kind COMMANDS if and only if there are commands
     * @param millis the time at which they are executed, in milliseconds since 1970
     */
    public LogEntry finish(LogEntry.Kind kind, long millis) {
        if (missingArguments != 0 || commandCount > 0 != (kind == LogEntry.Kind.COMMANDS)) {
            throw new IllegalStateException(kind + " with " + commandCount + " commands, the last of which lacks "
                    + missingArguments + " arguments");
        }
        int start = LogEntry.COMMANDS_OFFSET + Varint.length(commandCount);
        byte[] bytes = new byte[start + length];
        bytes[0] = LogEntry.VERSION;
        bytes[LogEntry.KIND_OFFSET] = (byte) kind.code();
        LONG.set(bytes, LogEntry.MILLIS_OFFSET, millis);
        Varint.write(bytes, LogEntry.COMMANDS_OFFSET, commandCount);
        System.arraycopy(commands, 0, bytes, start, length);
        clear();
        return new LogEntry(kind, millis, bytes);
    }

    static long millis(byte[] bytes) {
        return (long) LONG.get(bytes, LogEntry.MILLIS_OFFSET);
    }
}
