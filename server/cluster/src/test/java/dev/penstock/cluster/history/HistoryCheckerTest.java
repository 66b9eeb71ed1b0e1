package dev.penstock.cluster.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.cluster.history.Operation.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The checker finds what it is there for, and nothing else. */
class HistoryCheckerTest {

    private static final String KEY = "key";
    private static final List<Kind> KINDS = List.of(Kind.values());

    private final List<Operation> history = new ArrayList<>();
    private int client;

    private void add(Kind kind, String argument, String result, long call, long end) {
        history.add(new Operation(client++, kind, KEY, argument, call).returned(result, end));
    }

    private void addUnknown(Kind kind, String argument, long call) {
        history.add(new Operation(client++, kind, KEY, argument, call));
    }

    private void assertLegal() {
        assertEquals(Optional.empty(), HistoryChecker.check(history));
    }

    private void assertFault() {
        assertTrue(HistoryChecker.check(history).isPresent());
    }

    @Test
    void whatOverlapsMayHappenInAnyOrder() {
        add(Kind.SET, "a", "OK", 0, 10);
        add(Kind.SET, "b", "OK", 0, 10);
        add(Kind.GET, "", "b", 2, 4);
        add(Kind.GET, "", "a", 6, 8);
        add(Kind.DEL, "", "1", 9, 20);
        add(Kind.SET_NX, "c", "OK", 11, 20);
        add(Kind.SET_NX, "d", null, 21, 22);
        assertLegal();
    }

    @Test
    void aStaleReadIsFound() {
        add(Kind.SET, "a", "OK", 0, 1);
        add(Kind.SET, "b", "OK", 2, 3);
        add(Kind.GET, "", "a", 4, 5);
        assertFault();
    }

    @Test
    void aReadThatGoesBackIsFound() {
        add(Kind.SET, "a", "OK", 0, 1);
        add(Kind.SET, "b", "OK", 2, 10);
        add(Kind.GET, "", "b", 3, 4);
        add(Kind.GET, "", "a", 5, 6);
        assertFault();
    }

    @Test
    void aLostWriteIsFound() {
        add(Kind.INCR, "", "1", 0, 1);
        add(Kind.INCR, "", "2", 2, 3);
        add(Kind.INCR, "", "2", 4, 5);
        assertFault();
    }

    @Test
    void aWriteThatIsAppliedTwiceIsFound() {
        add(Kind.INCR, "", "1", 0, 1);
        add(Kind.GET, "", "2", 2, 3);
        assertFault();
    }

    @Test
    void aWriteThatAnotherOneMustHaveSeenIsFound() {
        add(Kind.SET_NX, "a", "OK", 0, 1);
        add(Kind.SET_NX, "b", "OK", 2, 3);
        assertFault();
    }

    @Test
    void aValueThatNobodyHasWrittenIsFound() {
        add(Kind.GET, "", "a", 0, 1);
        assertFault();
    }

    @Test
    void anUnknownOutcomeMayComeLaterOrNever() {
        add(Kind.INCR, "", "1", 0, 1);
        addUnknown(Kind.INCR, "", 2);
        add(Kind.GET, "", "1", 10, 11);
        assertLegal();
        add(Kind.GET, "", "2", 12, 13);
        assertLegal();
        add(Kind.GET, "", "1", 14, 15);
        assertFault();
    }

    @Test
    void anUnknownOutcomeIsAppliedOnceAtMostAndNotBeforeItsCall() {
        addUnknown(Kind.INCR, "", 5);
        add(Kind.GET, "", "2", 6, 7);
        assertFault();
        history.clear();
        add(Kind.GET, "", "1", 0, 1);
        addUnknown(Kind.INCR, "", 5);
        assertFault();
    }

    @Test
    void manyUnknownOutcomesThatDoTheSameAreNoTrouble() {
        for (int i = 0; i < 60; i++) {
            addUnknown(Kind.INCR, "", i);
        }
        add(Kind.GET, "", "37", 200, 201);
        add(Kind.INCR, "", "59", 202, 203);
        assertLegal();
        add(Kind.INCR, "", "63", 204, 205);
        assertFault();
    }

    /** Each operation happens at a moment between its call and its return. One that is told otherwise is found. */
    @Test
    void longHistoriesOfManyClientsAreChecked() {
        for (int seed = 0; seed < 5; seed++) {
            Random random = new Random(seed);
            history.clear();
            List<Operation> open = new ArrayList<>();
            String value = null;
            for (int nanos = 0; nanos < 2000; nanos++) {
                if (open.size() < 6 && random.nextBoolean()) {
                    Kind kind = KINDS.get(random.nextInt(KINDS.size()));
                    open.add(new Operation(client++, kind, KEY, "" + random.nextInt(100), nanos));
                } else if (!open.isEmpty()) {
                    Operation next = open.remove(random.nextInt(open.size()));
                    Operation.Outcome outcome = next.on(value);
                    value = outcome.value();
                    history.add(random.nextInt(300) == 0 ? next : next.returned(outcome.result(), nanos));
                }
            }
            assertLegal();
            add(Kind.GET, "", value + "0", 3000, 3001);
            assertFault();
        }
    }
}
