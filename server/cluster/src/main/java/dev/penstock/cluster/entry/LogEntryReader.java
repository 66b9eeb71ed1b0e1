package dev.penstock.cluster.entry;

import java.util.Arrays;

/**
 * Walks the commands of an entry: {@link #next}, then as many arguments as there are. It shows where an argument lies
 * in {@link #array}, so that only what is kept has to be copied. For one thread.
 */
public final class LogEntryReader {

    private static final int FEW_ARGUMENTS = 8;

    private final byte[] bytes;
    private int remaining;
    private int position;
    private int commandOffset;
    private int argumentCount;
    private int[] offsets = new int[FEW_ARGUMENTS];
    private int[] lengths = new int[FEW_ARGUMENTS];

    /** Before the first command of an entry whose header was checked. */
    LogEntryReader(byte[] bytes) {
        this.bytes = bytes;
        position = LogEntry.COMMANDS_OFFSET;
        remaining = number();
    }

    /** Checks all of an entry. What it allocates depends on the bytes that are there, never on a length in them. */
    static LogEntry check(byte[] bytes) {
        if (bytes.length <= LogEntry.COMMANDS_OFFSET || bytes.length > LogEntry.MAX_LENGTH) {
            throw new MalformedEntryException(
                    bytes.length + " bytes, not " + (LogEntry.COMMANDS_OFFSET + 1) + " to " + LogEntry.MAX_LENGTH);
        }
        if (bytes[0] != LogEntry.VERSION) {
            throw new MalformedEntryException("version " + bytes[0] + "; this one reads " + LogEntry.VERSION);
        }
        LogEntry.Kind kind = LogEntry.Kind.of(bytes[LogEntry.KIND_OFFSET]);
        LogEntryReader reader = new LogEntryReader(bytes);
        int count = reader.remaining;
        if (count > 0 != (kind == LogEntry.Kind.COMMANDS)) {
            throw new MalformedEntryException(kind + " with " + count + " commands");
        }
        while (reader.next()) {
            int length = reader.position - reader.commandOffset;
            if (length > LogEntry.MAX_COMMAND_LENGTH) {
                throw new MalformedEntryException("a command of " + length + " bytes");
            }
        }
        if (reader.position != bytes.length) {
            throw new MalformedEntryException((bytes.length - reader.position) + " bytes follow the last command");
        }
        return new LogEntry(kind, LogEntryWriter.millis(bytes), bytes);
    }

    private int number() {
        int number = Varint.read(bytes, position);
        position += Varint.length(number);
        return number;
    }

    /** Goes to the next command, if there is one. */
    public boolean next() {
        if (remaining == 0) {
            return false;
        }
        remaining--;
        commandOffset = position;
        argumentCount = number();
        if (argumentCount < 1 || argumentCount > bytes.length - position) {
            throw new MalformedEntryException(
                    argumentCount + " arguments in the " + (bytes.length - position) + " bytes from byte " + position);
        }
        for (int i = 0; i < argumentCount; i++) {
            int length = number();
            if (length > bytes.length - position || length > LogEntry.MAX_ARGUMENT_LENGTH) {
                throw new MalformedEntryException(
                        "an argument of " + length + " bytes at byte " + position + " of " + bytes.length);
            }
            add(i, length);
            position += length;
        }
        return true;
    }

    private void add(int argument, int length) {
        if (argument == offsets.length) {
            offsets = Arrays.copyOf(offsets, argument * 2);
            lengths = Arrays.copyOf(lengths, argument * 2);
        }
        offsets[argument] = position;
        lengths[argument] = length;
    }

    /** How many arguments the command has, its name among them. */
    public int argumentCount() {
        return argumentCount;
    }

    /** What the arguments lie in. Not to be changed. */
    public byte[] array() {
        return bytes;
    }

    /** Where an argument begins in {@link #array}. */
    public int offset(int argument) {
        checkArgument(argument);
        return offsets[argument];
    }

    /** The length of an argument, in bytes. */
    public int length(int argument) {
        checkArgument(argument);
        return lengths[argument];
    }

    /** A copy of an argument. */
    public byte[] argument(int argument) {
        checkArgument(argument);
        return Arrays.copyOfRange(bytes, offsets[argument], offsets[argument] + lengths[argument]);
    }

    private void checkArgument(int argument) {
        if (argument < 0 || argument >= argumentCount) {
            throw new IndexOutOfBoundsException("argument " + argument + " of " + argumentCount);
        }
    }
}
