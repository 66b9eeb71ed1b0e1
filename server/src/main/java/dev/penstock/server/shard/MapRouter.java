package dev.penstock.server.shard;

import dev.penstock.server.resp.CommandError;
import java.util.function.Supplier;

/** Routes by the newest map. */
public final class MapRouter implements Router {

    private final Supplier<ClusterMap> newest;

    /** Routes by what a supplier returns at each request, which any thread may ask. */
    public MapRouter(Supplier<ClusterMap> newest) {
        this.newest = newest;
    }

    @Override
    public ClusterMap map() {
        return newest.get();
    }

    @Override
    public void admit(int slot, boolean readsFromReplica) {
        ClusterMap map = newest.get();
        SlotRange range = map.range(slot);
        if (!range.isServed()) {
            throw new CommandError("CLUSTERDOWN Hash slot not served");
        }
        boolean isHere = range.isLedBy(map.myself()) || readsFromReplica && range.isReplicatedBy(map.myself());
        if (!isHere) {
            throw new CommandError("MOVED " + slot + " " + range.leader().address());
        }
    }
}
