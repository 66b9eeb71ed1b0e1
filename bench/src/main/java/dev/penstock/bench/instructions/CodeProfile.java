package dev.penstock.bench.instructions;

import dev.penstock.bench.report.Table;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Instructions by the Java method that they belong to. A compiled method contains others that were inlined into it, so
 * each instruction has a chain of methods, innermost first.
 */
final class CodeProfile {

    private static final double LEAST_SHOWN = 0.5;

    private final Map<String, Double> self = new HashMap<>();
    private final Map<String, Double> withInlined = new HashMap<>();

    /**
     * @param visits how often each address was executed
     * @param chains the chain of methods of each address
     * @param operations how many operations the visits were
     */
    CodeProfile(Map<Long, Long> visits, Map<Long, List<String>> chains, long operations) {
        visits.forEach((address, count) -> {
            List<String> chain = Objects.requireNonNull(chains.get(address));
            double share = count / (double) operations;
            self.merge(chain.getFirst(), share, Double::sum);
            new HashSet<>(chain).forEach(method -> withInlined.merge(method, share, Double::sum));
        });
    }

    /** Instructions per operation of a method alone, without what is inlined into it. */
    double self(String method) {
        return self.getOrDefault(method, 0.0);
    }

    /** All methods: those first whose own instructions are the most. */
    Table table() {
        Collection<String> methods = new ArrayList<>(withInlined.keySet());
        Table table = new Table(1, "method", "instructions of its own", "with what is inlined into it");
        methods.stream()
                .filter(method -> withInlined.getOrDefault(method, 0.0) >= LEAST_SHOWN)
                .sorted((a, b) -> {
                    int bySelf = Double.compare(self(b), self(a));
                    return bySelf != 0
                            ? bySelf
                            : Double.compare(withInlined.getOrDefault(b, 0.0), withInlined.getOrDefault(a, 0.0));
                })
                .forEach(method -> table.row(
                        method,
                        "%.1f".formatted(self(method)),
                        "%.1f".formatted(withInlined.getOrDefault(method, 0.0))));
        return table;
    }
}
