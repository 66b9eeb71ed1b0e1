package dev.penstock.server.shard;

import dev.penstock.server.resp.CommandError;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Routes by the newest map. A request for a slot without a leader waits for a map in which it has one. */
public final class MapRouter implements Router {

    /** The reply to a request for a slot that nobody serves. */
    private static final String DOWN = "CLUSTERDOWN Hash slot not served";

    /** The reply to a command without keys that writes, on a node that leads no slot; as a replica of Redis replies. */
    private static final String READ_ONLY = "READONLY You can't write against a read only replica.";

    private final Supplier<ClusterMap> newest;
    private final Duration longestWait;
    private final Supplier<@Nullable GroupState> group;
    private final AtomicReference<CompletableFuture<Void>> nextMap = new AtomicReference<>(new CompletableFuture<>());

    /** Routes by what a supplier returns at each request, which any thread may ask. No request waits. */
    public MapRouter(Supplier<ClusterMap> newest) {
        this(newest, Duration.ZERO);
    }

    /**
     * Routes by what a supplier returns at each request, which any thread may ask.
     *
     * @param longestWait how long a request waits for a leader; call {@link #mapChanged} after each change
     */
    public MapRouter(Supplier<ClusterMap> newest, Duration longestWait) {
        this(newest, longestWait, () -> null);
    }

    /**
     * Routes by what a supplier returns at each request, which any thread may ask.
     *
     * @param longestWait how long a request waits for a leader; call {@link #mapChanged} after each change
     * @param group for reports, which any thread may ask
     */
    public MapRouter(Supplier<ClusterMap> newest, Duration longestWait, Supplier<@Nullable GroupState> group) {
        this.newest = newest;
        this.longestWait = longestWait;
        this.group = group;
    }

    @Override
    public @Nullable GroupState group() {
        return group.get();
    }

    @Override
    public ClusterMap map() {
        return newest.get();
    }

    @Override
    public Duration longestWait() {
        return longestWait;
    }

    /** The supplier returns another map than before: the requests that wait are routed again. */
    public void mapChanged() {
        nextMap.getAndSet(new CompletableFuture<>()).complete(null);
    }

    @Override
    public @Nullable CompletableFuture<Void> admit(int slot, boolean readsFromReplica) {
        CompletableFuture<Void> next = nextMap.get(); // before the map, so that no change of it is missed
        ClusterMap map = newest.get();
        SlotRange range = map.range(slot);
        if (!range.isServed()) {
            if (longestWait.isZero()) {
                throw new CommandError(DOWN);
            }
            return next;
        }
        boolean isHere = range.isLedBy(map.myself()) || readsFromReplica && range.isReplicatedBy(map.myself());
        if (!isHere) {
            throw new CommandError("MOVED " + slot + " " + range.leader().address());
        }
        return null;
    }

    @Override
    public @Nullable CompletableFuture<Void> admitWithoutKeys() {
        CompletableFuture<Void> next = nextMap.get(); // as above
        ClusterMap map = newest.get();
        boolean hasLeaders = true;
        for (SlotRange range : map.ranges()) {
            if (range.isServed() && range.isLedBy(map.myself())) {
                return null;
            }
            hasLeaders &= range.isServed();
        }
        if (hasLeaders) {
            throw new CommandError(READ_ONLY);
        }
        if (longestWait.isZero()) {
            throw new CommandError(DOWN);
        }
        return next;
    }

    /** What a request is refused with when it has waited for a leader long enough. */
    public static CommandError down() {
        return new CommandError(DOWN);
    }
}
