package dev.penstock.cluster;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.penstock.cluster.entry.LogEntry;
import dev.penstock.cluster.entry.LogEntryReader;
import dev.penstock.cluster.entry.LogEntryWriter;
import dev.penstock.server.shard.WriteStep;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The steps of an entry as its commands. Those of a transaction are between {@code multi} and {@code exec}, which are
 * no commands of a step: all nodes have to know the steps, since limits count for each.
 */
final class EntrySteps {

    private static final byte[] BEGIN = "multi".getBytes(US_ASCII);
    private static final byte[] END = "exec".getBytes(US_ASCII);

    private EntrySteps() {}

    static void write(WriteStep step, LogEntryWriter writer) {
        if (step.isTransaction()) {
            writer.command(BEGIN);
        }
        step.commands().forEach(command -> writer.command(command.toArray(new byte[0][])));
        if (step.isTransaction()) {
            writer.command(END);
        }
    }

    /** Steps whose replies nobody wants. */
    static List<WriteStep> read(LogEntry entry) {
        List<WriteStep> steps = new ArrayList<>();
        List<List<byte[]>> commands = new ArrayList<>();
        boolean isTransaction = false;
        LogEntryReader reader = entry.reader();
        while (reader.next()) {
            if (isAlone(reader, BEGIN)) {
                isTransaction = true;
                continue;
            }
            if (!isAlone(reader, END)) {
                commands.add(arguments(reader));
            }
            if (!isTransaction || isAlone(reader, END)) {
                steps.add(new WriteStep(commands, isTransaction, WriteStep.NO_REPLY));
                commands = new ArrayList<>();
                isTransaction = false;
            }
        }
        return steps;
    }

    private static boolean isAlone(LogEntryReader reader, byte[] word) {
        int begin = reader.offset(0);
        return reader.argumentCount() == 1
                && Arrays.equals(reader.array(), begin, begin + reader.length(0), word, 0, word.length);
    }

    private static List<byte[]> arguments(LogEntryReader reader) {
        List<byte[]> arguments = new ArrayList<>(reader.argumentCount());
        for (int i = 0; i < reader.argumentCount(); i++) {
            arguments.add(reader.argument(i));
        }
        return arguments;
    }
}
