package dev.penstock.cluster.entry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** What a leader writes, every replica reads; and what no leader has written, none executes. */
class EntryTest {

    private static final int KIBIBYTE = 1024;
    private static final int MEBIBYTE = KIBIBYTE * KIBIBYTE;

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] bytesOf(LogEntry entry) {
        byte[] bytes = new byte[entry.length()];
        entry.bytes().get(bytes);
        return bytes;
    }

    private static LogEntry sample() {
        LogEntryWriter writer = new LogEntryWriter();
        writer.command(ascii("SET"), ascii("key"), new byte[300]);
        writer.command(ascii("INCR"), ascii("counter"));
        writer.command(ascii("SET"), ascii(""), ascii(""));
        return writer.finish(LogEntry.Kind.COMMANDS, 1_700_000_000_000L);
    }

    private static List<List<byte[]>> commands(LogEntry entry) {
        List<List<byte[]>> commands = new ArrayList<>();
        LogEntryReader reader = entry.reader();
        while (reader.next()) {
            List<byte[]> arguments = new ArrayList<>();
            for (int i = 0; i < reader.argumentCount(); i++) {
                byte[] argument = reader.argument(i);
                assertArrayEquals(
                        argument,
                        Arrays.copyOfRange(reader.array(), reader.offset(i), reader.offset(i) + reader.length(i)));
                arguments.add(argument);
            }
            commands.add(arguments);
        }
        return commands;
    }

    private static void assertSame(List<List<byte[]>> expected, List<List<byte[]>> actual) {
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(
                    expected.get(i).toArray(new byte[0][]), actual.get(i).toArray(new byte[0][]));
        }
    }

    @Property
    void whatIsWrittenIsRead(
            @ForAll @Size(min = 1, max = 20) List<@Size(min = 1, max = 20) List<@Size(max = 200) byte[]>> commands,
            @ForAll long millis) {
        LogEntryWriter writer = new LogEntryWriter();
        commands.forEach(command -> writer.command(command.toArray(new byte[0][])));
        LogEntry written = writer.finish(LogEntry.Kind.COMMANDS, millis);
        LogEntry read = LogEntry.of(bytesOf(written));
        assertEquals(written, read);
        assertEquals(LogEntry.Kind.COMMANDS, read.kind());
        assertEquals(millis, read.millis());
        assertSame(commands, commands(read));
        assertEquals(0, writer.commandCount(), "an entry takes its commands with it");
    }

    @Property
    void anyBytesAreReadOrRefused(@ForAll byte[] bytes) {
        readOrRefuse(bytes);
    }

    /** Layout is for ever: a node of the next version reads what this one has logged. */
    @Test
    void theBytesAreThoseOfTheFormat() {
        LogEntryWriter writer = new LogEntryWriter();
        writer.command(ascii("SET"), ascii("k"), new byte[200]);
        assertEquals(
                "01" + "01" + "0807060504030201" + "01" + "03" + "03534554" + "016b" + "c801" + "00".repeat(200),
                HexFormat.of().formatHex(bytesOf(writer.finish(LogEntry.Kind.COMMANDS, 0x0102030405060708L))));
        assertEquals(
                "0102" + "ffffffffffffffff" + "00",
                HexFormat.of().formatHex(bytesOf(LogEntry.of(LogEntry.Kind.TICK, -1))));
        assertEquals(
                "0103" + "0000000000000000" + "00",
                HexFormat.of().formatHex(bytesOf(LogEntry.of(LogEntry.Kind.TERM, 0))));
    }

    @Test
    void noTruncatedEntryIsRead() {
        byte[] bytes = bytesOf(sample());
        for (int length = 0; length < bytes.length; length++) {
            byte[] part = Arrays.copyOf(bytes, length);
            assertThrows(MalformedEntryException.class, () -> LogEntry.of(part), "the first " + length + " bytes");
        }
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
        assertThrows(MalformedEntryException.class, () -> LogEntry.of(longer), "a byte more");
    }

    /** Each byte with each of its values: read or refused by the one exception, and cheaply. */
    @Test
    void aChangedByteIsRefusedOrAnotherEntryAndNeverExpensive() {
        byte[] bytes = bytesOf(sample());
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        readOrRefuse(bytes);
        for (int offset = 0; offset < bytes.length; offset++) {
            byte[] changed = bytes.clone();
            for (int value = 0; value < 256; value++) {
                changed[offset] = (byte) value;
                long before = threads.getCurrentThreadAllocatedBytes();
                readOrRefuse(changed);
                long allocated = threads.getCurrentThreadAllocatedBytes() - before;
                assertTrue(allocated < MEBIBYTE, allocated + " bytes for value " + value + " at " + offset);
            }
        }
    }

    private static void readOrRefuse(byte[] bytes) {
        LogEntry entry;
        try {
            entry = LogEntry.of(bytes);
        } catch (MalformedEntryException e) {
            assertTrue(e.getMessage().startsWith("malformed entry of the log: "), e.getMessage());
            return;
        }
        LogEntryReader reader = entry.reader();
        int count = 0;
        while (reader.next()) {
            count++;
        }
        assertEquals(entry.kind() == LogEntry.Kind.COMMANDS, count > 0);
    }

    /** One command has many encodings with superfluous bytes in numbers; only the shortest is an entry. */
    @Test
    void aNumberThatIsLongerThanItMustBeIsRefused() {
        byte[] tick = bytesOf(LogEntry.of(LogEntry.Kind.TICK, 0));
        byte[] padded = Arrays.copyOf(tick, tick.length + 1);
        padded[tick.length - 1] = (byte) 0x80;
        assertThrows(MalformedEntryException.class, () -> LogEntry.of(padded));
    }

    @Test
    void hugeNumbersAreRefused() {
        byte[] header = Arrays.copyOf(bytesOf(sample()), LogEntry.COMMANDS_OFFSET);
        for (String number : List.of("ffffffff07", "ffffffff0f", "ffffffff7f", "ffffffffff", "8080808008")) {
            for (String before : List.of("", "01", "0101")) {
                byte[] rest = HexFormat.of().parseHex(before + number + "00".repeat(20));
                byte[] bytes = Arrays.copyOf(header, header.length + rest.length);
                System.arraycopy(rest, 0, bytes, header.length, rest.length);
                assertThrows(MalformedEntryException.class, () -> LogEntry.of(bytes), before + number);
            }
        }
    }

    /** What was logged under a later version, or what is to come, is not guessed at. */
    @Test
    void otherVersionsAndKindsAreRefused() {
        byte[] bytes = bytesOf(sample());
        bytes[0] = 2;
        assertTrue(assertThrows(MalformedEntryException.class, () -> LogEntry.of(bytes))
                .getMessage()
                .contains("version 2"));
        bytes[0] = 1;
        for (int kind : new int[] {0, 4, 5, 255}) {
            bytes[1] = (byte) kind;
            assertThrows(MalformedEntryException.class, () -> LogEntry.of(bytes));
        }
        bytes[1] = 2;
        assertThrows(MalformedEntryException.class, () -> LogEntry.of(bytes), "a tick has no commands");
    }

    @Test
    void aValueOfOneMebibyteIsRefusedAndAByteLessIsNot() {
        LogEntryWriter writer = new LogEntryWriter();
        EntryLimitException refused = assertThrows(
                EntryLimitException.class, () -> writer.command(ascii("SET"), ascii("key"), new byte[MEBIBYTE]));
        assertEquals(
                "ERR a value in a cluster must be shorter than 1 MiB; this one has 1048576 bytes",
                refused.getMessage());
        assertEquals(0, writer.commandCount());
        byte[] value = new byte[MEBIBYTE - 1];
        new Random(1).nextBytes(value);
        writer.command(ascii("SET"), ascii("key"), value);
        LogEntry entry = LogEntry.of(bytesOf(writer.finish(LogEntry.Kind.COMMANDS, 5)));
        assertArrayEquals(value, commands(entry).getFirst().getLast());
    }

    @Test
    void aCommandOfMoreThanThreeMebibytesIsRefused() {
        byte[] largest = new byte[MEBIBYTE - 1];
        LogEntryWriter writer = new LogEntryWriter();
        byte[][] tooMuch = {ascii("MSET"), largest, largest, largest, new byte[10]};
        assertTrue(assertThrows(EntryLimitException.class, () -> writer.command(tooMuch))
                .getMessage()
                .contains("3 MiB"));
        int rest = LogEntry.MAX_COMMAND_LENGTH - LogEntryWriter.commandLength(4, largest.length, largest.length, 0);
        byte[][] most = {ascii("MSET"), largest, largest, new byte[rest - 2]};
        assertEquals(
                LogEntry.MAX_COMMAND_LENGTH, LogEntryWriter.commandLength(4, largest.length, largest.length, rest - 2));
        writer.command(most);
        assertEquals(
                1,
                LogEntry.of(bytesOf(writer.finish(LogEntry.Kind.COMMANDS, 5))).length() / LogEntry.MAX_COMMAND_LENGTH);
    }

    /** A long command has an entry of its own; short ones gather up to the bound, exactly. */
    @Test
    void commandsGatherUpTo256KibibytesAndNoFurther() {
        LogEntryWriter writer = new LogEntryWriter();
        byte[] value = new byte[1000];
        int length = LogEntryWriter.commandLength(3, 3, value.length);
        int count = 0;
        while (writer.admits(length)) {
            writer.command(ascii("SET"), ascii("key"), value);
            count++;
        }
        assertFalse(writer.admits(MEBIBYTE));
        LogEntry entry = writer.finish(LogEntry.Kind.COMMANDS, 5);
        assertEquals(count, commands(LogEntry.of(bytesOf(entry))).size());
        assertTrue(
                entry.length() <= 256 * KIBIBYTE && entry.length() > 256 * KIBIBYTE - 2 * length, "" + entry.length());
        assertTrue(writer.admits(MEBIBYTE), "an empty entry takes any command");
    }

    /** A transaction stays together, up to 3 MiB and what was gathered. Nobody reads more. */
    @Test
    void whatBelongsTogetherIsOneEntryUpToItsBound() {
        LogEntryWriter writer = new LogEntryWriter();
        byte[] value = new byte[MEBIBYTE / 2];
        for (int i = 0; i < 6; i++) {
            writer.command(ascii("SET"), ascii("key"), value);
        }
        assertThrows(EntryLimitException.class, () -> writer.command(ascii("SET"), ascii("key"), value));
        LogEntry entry = LogEntry.of(bytesOf(writer.finish(LogEntry.Kind.COMMANDS, 5)));
        assertEquals(6, commands(entry).size());
        assertTrue(entry.length() > 3 * MEBIBYTE && entry.length() <= LogEntry.MAX_LENGTH, "" + entry.length());
        byte[] more = Arrays.copyOf(bytesOf(entry), LogEntry.MAX_LENGTH + 1);
        assertThrows(MalformedEntryException.class, () -> LogEntry.of(more));
    }

    @Test
    void anEntryIsNotFinishedInTheMiddleOfACommand() {
        LogEntryWriter writer = new LogEntryWriter();
        writer.begin(2);
        writer.argument(ascii("GET"), 0, 3);
        assertThrows(IllegalStateException.class, () -> writer.finish(LogEntry.Kind.COMMANDS, 5));
        assertThrows(IllegalStateException.class, () -> writer.begin(1));
        writer.argument(ascii("xkeyx"), 1, 3);
        assertThrows(IllegalStateException.class, () -> writer.argument(ascii("x"), 0, 1));
        assertThrows(IllegalStateException.class, () -> writer.finish(LogEntry.Kind.TICK, 5));
        assertEquals(
                "key",
                new String(
                        commands(writer.finish(LogEntry.Kind.COMMANDS, 5))
                                .getFirst()
                                .getLast(),
                        StandardCharsets.US_ASCII));
        assertThrows(IllegalStateException.class, () -> writer.finish(LogEntry.Kind.COMMANDS, 5));
    }
}
