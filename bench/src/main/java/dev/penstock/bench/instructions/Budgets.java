package dev.penstock.bench.instructions;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * The most instructions that an operation may take, read from a file with one line for each: number of keys, operation,
 * instructions. Lines that begin with {@code #} and empty ones say nothing.
 */
final class Budgets {

    private record Row(long keys, CountedOperation operation) {}

    private final Map<Row, Double> limits = new HashMap<>();

    private Budgets() {}

    /** @throws IOException if the file cannot be read, or a line of it is not a budget */
    static Budgets read(Path file) throws IOException {
        Budgets budgets = new Budgets();
        List<String> lines = Files.readAllLines(file);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            try {
                String[] fields = line.split("\\s+", -1);
                Row row = new Row(Long.parseLong(fields[0].replace("_", "")), CountedOperation.ofKey(fields[1]));
                if (fields.length != 3 || budgets.limits.put(row, Double.parseDouble(fields[2])) != null) {
                    throw new IllegalArgumentException("not three fields, or a second line for the same");
                }
            } catch (RuntimeException e) {
                throw new IOException(
                        "%s, line %d: expected \"KEYS OPERATION INSTRUCTIONS\", found \"%s\" (%s)"
                                .formatted(file, i + 1, line, e.getMessage()),
                        e);
            }
        }
        return budgets;
    }

    /** The most that an operation on a store of so many keys may take; empty if the file does not say. */
    OptionalDouble limit(long keys, CountedOperation operation) {
        Double limit = limits.get(new Row(keys, operation));
        return limit == null ? OptionalDouble.empty() : OptionalDouble.of(limit);
    }
}
