package dev.penstock.server.shard;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class BoundedRepliesTest {

    private static final byte[] NONE = "-ERR none\r\n".getBytes(US_ASCII);
    private static final WriteStep STEP = new WriteStep(List.of(List.of("getdel".getBytes(US_ASCII))), false, 2);

    private static List<Integer> settle(Proposal proposal, int... lengths) {
        List<byte[]> replies = Arrays.stream(lengths).mapToObj(byte[]::new).toList();
        proposal.settle(new Proposal.Applied(replies));
        Proposal.Outcome outcome = proposal.outcome().toCompletableFuture().join();
        return assertInstanceOf(Proposal.Applied.class, outcome).replies().stream()
                .map(reply -> reply.length)
                .toList();
    }

    /** The event loop may be behind, and the replies to what is under way may have gigabytes. */
    @Test
    void longRepliesThatDoNotFitAreReplacedUntilOthersAreTaken() {
        ReplyMemory memory = new ReplyMemory(1000, NONE);
        Proposal first = new Proposal(List.of(STEP), Proposal.ANY_TERM, memory);
        Proposal second = new Proposal(List.of(STEP), Proposal.ANY_TERM, memory);
        Proposal third = new Proposal(List.of(STEP), Proposal.ANY_TERM, memory);
        assertEquals(List.of(600, 5, 400), settle(first, 600, 5, 400));
        first.settle(new Proposal.Unknown()); // too late
        assertEquals(List.of(5, NONE.length), settle(second, 5, 200));
        first.taken();
        second.taken();
        assertEquals(List.of(NONE.length, 1000, NONE.length), settle(third, 1001, 1000, 200));
        third.taken();
        Proposal unknown = new Proposal(List.of(STEP), Proposal.ANY_TERM, memory);
        unknown.settle(new Proposal.Unknown());
        unknown.taken();
        assertEquals(List.of(1000), settle(new Proposal(List.of(STEP), Proposal.ANY_TERM, memory), 1000));
    }
}
