package dev.penstock.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.cluster.raft.GroupStatus;
import dev.penstock.cluster.raft.MemberStatus;
import dev.penstock.cluster.raft.RaftMember;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class MemberProbeTest {

    private static final long LIMIT_SECONDS = 60;

    @Test
    void aLookThatFailsIsNotTheLast() throws Exception {
        GroupStatus status = new GroupStatus(
                "a",
                true,
                1,
                0,
                0,
                0,
                false,
                List.of(
                        new MemberStatus(new RaftMember("a", "127.0.0.1", 1), 0, -1),
                        new MemberStatus(new RaftMember("b", "127.0.0.1", 2), 0, 10),
                        new MemberStatus(new RaftMember("c", "127.0.0.1", 3), 0, 100_000)));
        AtomicInteger looks = new AtomicInteger();
        BlockingQueue<Set<String>> unreachable = new LinkedBlockingQueue<>();
        try (MemberProbe probe = new MemberProbe(
                "a",
                500,
                () -> {
                    if (looks.incrementAndGet() == 1) {
                        throw new IllegalStateException("Ratis is closing");
                    }
                    return status;
                },
                unreachable::add)) {
            probe.start();
            assertEquals(Set.of("c"), unreachable.poll(LIMIT_SECONDS, TimeUnit.SECONDS));
        }
    }
}
