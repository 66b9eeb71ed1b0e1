package dev.penstock.cluster.history;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether there is an order of the operations of a history that explains all results, in which each operation
 * comes at some time between its call and its return. Keys are looked at one by one, as each is an object of its own.
 *
 * <p>The search is the one of Wing and Gong with Lowe's refinements: it goes along the calls and returns, and keeps all
 * states in which the key may be, each with the operations under way that have happened in it. When an operation
 * returns, only those stay in which it has happened. An operation of unknown outcome never returns, so it may happen at
 * any later time, or never. Two of them that do the same are taken in the order of their calls, as each can be in the
 * place of the other.
 *
 * <p>See J. Wing and C. Gong, "Testing and Verifying Concurrent Objects" (1993), and G. Lowe, "Testing for
 * linearizability" (2017).
 */
public final class HistoryChecker {

    /** More is a history that the search is not made for: its keys have to be used for a shorter time. */
    private static final int MOST_STATES = 200_000;

    private static final int MOST_UNDER_WAY = Long.SIZE;

    private record Event(long nanos, boolean isCall, Operation operation) {}

    /** @param bit of its own among those that are under way */
    private record UnderWay(Operation operation, long bit) {}

    /**
     * What the key may be like.
     *
     * @param happened the bits of the operations under way that have happened
     */
    private record State(@Nullable String value, long happened) {

        boolean has(UnderWay each) {
            return (happened & each.bit) != 0;
        }

        State with(UnderWay each, @Nullable String next) {
            return new State(next, happened | each.bit);
        }
    }

    /** In the order of their calls. */
    private final List<UnderWay> underWay = new ArrayList<>();

    private Set<State> states = new HashSet<>(Set.of(new State(null, 0)));

    private HistoryChecker() {}

    /** Returns what cannot be explained, or nothing. */
    public static Optional<String> check(List<Operation> history) {
        Map<String, List<Operation>> byKey = new TreeMap<>();
        history.forEach(operation ->
                byKey.computeIfAbsent(operation.key(), _ -> new ArrayList<>()).add(operation));
        return byKey.values().stream()
                .map(each -> new HistoryChecker().checkKey(each))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private Optional<String> checkKey(List<Operation> history) {
        Deque<String> lately = new ArrayDeque<>();
        for (Event event : events(history)) {
            Operation operation = event.operation();
            if (event.isCall()) {
                underWay.add(new UnderWay(operation, freeBit()));
                continue;
            }
            lately.addLast(operation.toString());
            if (lately.size() > 20) {
                lately.removeFirst();
            }
            Set<State> before = states;
            returned(operation);
            if (states.isEmpty()) {
                return Optional.of("no order explains the last of these:\n" + String.join("\n", lately)
                        + "\nvalues before: "
                        + before.stream().map(State::value).distinct().limit(10).toList()
                        + "\nunder way: "
                        + underWay.stream().map(UnderWay::operation).toList());
            }
        }
        return Optional.empty();
    }

    /** At one time calls come first: what returns then may have seen what is called then. */
    private static List<Event> events(List<Operation> history) {
        List<Event> events = new ArrayList<>();
        for (Operation operation : history) {
            events.add(new Event(operation.call(), true, operation));
            if (operation.isKnown()) {
                events.add(new Event(operation.end(), false, operation));
            }
        }
        events.sort(Comparator.comparingLong(Event::nanos).thenComparing(event -> !event.isCall()));
        return events;
    }

    private long freeBit() {
        long used = underWay.stream().mapToLong(UnderWay::bit).reduce(0, (a, b) -> a | b);
        if (underWay.size() == MOST_UNDER_WAY) {
            throw new IllegalStateException("more than " + MOST_UNDER_WAY + " operations are under way for a key");
        }
        return Long.lowestOneBit(~used);
    }

    /** Keeps the states in which an operation has happened. */
    private void returned(Operation operation) {
        UnderWay end = underWay.stream()
                .filter(each -> each.operation() == operation)
                .findFirst()
                .orElseThrow();
        Set<State> found = new HashSet<>();
        Set<State> seen = new HashSet<>();
        states.forEach(state -> seen.add(withReads(state)));
        Deque<State> open = new ArrayDeque<>(seen);
        while (!open.isEmpty()) {
            State state = open.removeLast();
            if (state.has(end)) {
                found.add(new State(state.value(), state.happened() & ~end.bit()));
                continue;
            }
            for (State next : next(state)) {
                if (seen.add(next)) {
                    open.addLast(next);
                }
            }
            if (seen.size() > MOST_STATES) {
                throw new IllegalStateException("more than " + MOST_STATES + " states");
            }
        }
        underWay.remove(end);
        states = found;
    }

    /** What has changed nothing happens as soon as its result is right: later would be no better. */
    private State withReads(State state) {
        State with = state;
        for (UnderWay each : underWay) {
            Operation operation = each.operation();
            if (operation.hasChangedNothing()
                    && Objects.equals(operation.on(state.value()).result(), operation.result())) {
                with = with.with(each, state.value());
            }
        }
        return with;
    }

    private List<State> next(State state) {
        List<State> next = new ArrayList<>();
        Set<String> unknown = new HashSet<>();
        for (UnderWay each : underWay) {
            Operation operation = each.operation();
            if (state.has(each) || !operation.isKnown() && !unknown.add(operation.effect())) {
                continue;
            }
            Operation.Outcome outcome = operation.on(state.value());
            boolean isPossible = operation.isKnown()
                    ? Objects.equals(outcome.result(), operation.result())
                    : !Objects.equals(outcome.value(), state.value()); // or nobody can tell
            if (isPossible) {
                next.add(withReads(state.with(each, outcome.value())));
            }
        }
        return next;
    }
}
