package dev.penstock.cluster.entry;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * One entry of the log of a group: what its replicas execute, and at what time. All replicas have the same bytes.
 *
 * <p>Little-endian, with lengths and counts as varints of at most 5 bytes, the shortest that hold the number:
 *
 * <pre>
 * version 1 | kind 1 | milliseconds 8 | number of commands
 *     for each command: number of arguments
 *         for each argument: length | bytes
 * </pre>
 *
 * <p>Immutable: the bytes are checked once, when they arrive.
 */
public final class LogEntry {

    static final int VERSION = 1;
    static final int KIND_OFFSET = 1;
    static final int MILLIS_OFFSET = 2;
    static final int COMMANDS_OFFSET = 10;

    /** Up to where commands of several clients are gathered into one entry. What belongs together may be longer. */
    public static final int MAX_GATHERED_LENGTH = 256 * 1024;

    /** What a command may have, with the lengths of its arguments. */
    public static final int MAX_COMMAND_LENGTH = 3 * 1024 * 1024;

    /** What an argument may have. Longer values do not go through the log. */
    public static final int MAX_ARGUMENT_LENGTH = 1024 * 1024 - 1;

    /** What an entry may have, all in all. */
    public static final int MAX_LENGTH = COMMANDS_OFFSET + Varint.MAX_LENGTH + MAX_COMMAND_LENGTH + MAX_GATHERED_LENGTH;

    /** What an entry is for. */
    public enum Kind {
        /** Commands, at least one. */
        COMMANDS(1),
        /** Time that passes: nothing was written, but something expires. */
        TICK(2),
        /** The first entry of a leader. */
        TERM(3);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }

        /** The kind of a code; 4 is reserved for values that do not go through the log. */
        static Kind of(int code) {
            for (Kind kind : values()) {
                if (kind.code == code) {
                    return kind;
                }
            }
            throw new MalformedEntryException("kind " + code + " is not known");
        }
    }

    private final Kind kind;
    private final long millis;
    private final byte[] bytes;

    /** Takes over bytes that a writer has made, or that were checked. */
    LogEntry(Kind kind, long millis, byte[] bytes) {
        this.kind = kind;
        this.millis = millis;
        this.bytes = bytes;
    }

    /**
     * Checks an entry.
     *
     * @param bytes the whole entry, which the caller must not change any more
     * @throws MalformedEntryException if it is not one
     */
    public static LogEntry of(byte[] bytes) {
        return LogEntryReader.check(bytes);
    }

    /** An entry without commands: TICK or TERM. */
    public static LogEntry of(Kind kind, long millis) {
        return new LogEntryWriter().finish(kind, millis);
    }

    public Kind kind() {
        return kind;
    }

    /** The time at which every replica executes the commands, in milliseconds since 1970. */
    public long millis() {
        return millis;
    }

    /** The length in bytes. */
    public int length() {
        return bytes.length;
    }

    /** The bytes, read-only. */
    public ByteBuffer bytes() {
        return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
    }

    /** A reader before the first command. */
    public LogEntryReader reader() {
        return new LogEntryReader(bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LogEntry entry && Arrays.equals(bytes, entry.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return kind + " at " + millis + " ms, " + bytes.length + " bytes";
    }
}
