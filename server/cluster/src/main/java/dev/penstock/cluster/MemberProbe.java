package dev.penstock.cluster;

import dev.penstock.cluster.raft.GroupStatus;
import dev.penstock.cluster.raft.MemberStatus;
import dev.penstock.cluster.raft.RaftMember;
import dev.penstock.cluster.raft.RepeatedTask;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds out once a second which other members are not reachable. The leader and its followers hear of each other all
 * the time. Followers do not hear of other followers, so they connect to their port and close the connection. Only
 * reports use what it finds: who leads, and who serves, is up to the log.
 *
 * <p>Has a thread of its own, since connecting may take long.
 */
final class MemberProbe implements AutoCloseable {

    /** The leader sends something at least every half of an election timeout, which is up to a minute. */
    private static final long LEAST_SILENT_MILLIS = 3000;

    private static final long PERIOD_MILLIS = 1000;
    private static final int CONNECT_MILLIS = 1000;
    private static final String THREAD = "penstock-probe";

    private final String self;
    private final long silentMillis;
    private final Supplier<@Nullable GroupStatus> group;
    private final Consumer<Set<String>> unreachable;
    private final ScheduledExecutorService thread = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name(THREAD).factory(), new ThreadPoolExecutor.DiscardPolicy());

    /**
     * @param self the id of this node
     * @param electionTimeoutMillis of the group
     * @param group what this node knows of it; null if it does not take part
     * @param unreachable takes the ids of the members that are not reachable
     */
    MemberProbe(
            String self,
            long electionTimeoutMillis,
            Supplier<@Nullable GroupStatus> group,
            Consumer<Set<String>> unreachable) {
        this.self = self;
        this.silentMillis = Math.max(LEAST_SILENT_MILLIS, 4 * electionTimeoutMillis);
        this.group = group;
        this.unreachable = unreachable;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // it runs as long as the thread
    void start() {
        thread.scheduleWithFixedDelay(
                new RepeatedTask(THREAD, this::look), PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void look() {
        GroupStatus status = group.get();
        if (status == null) {
            return;
        }
        Set<String> silent = new HashSet<>();
        for (MemberStatus member : status.members()) {
            if (!member.member().id().equals(self) && !isReachable(member)) {
                silent.add(member.member().id());
            }
        }
        unreachable.accept(silent);
    }

    private boolean isReachable(MemberStatus member) {
        return member.silentMillis() < 0 ? connects(member.member()) : member.silentMillis() < silentMillis;
    }

    private static boolean connects(RaftMember member) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(member.host(), member.port()), CONNECT_MILLIS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
