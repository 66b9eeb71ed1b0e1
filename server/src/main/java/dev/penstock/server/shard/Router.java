package dev.penstock.server.shard;

import org.jspecify.annotations.Nullable;

/**
 * Says whether this server executes the commands for a slot, and which one does otherwise. Thread-safe.
 */
public interface Router {

    /** That of a server that is no node of a cluster: it has no slots. */
    Router STANDALONE = new Router() {
        @Override
        public @Nullable ClusterMap map() {
            return null;
        }

        @Override
        public void admit(int slot, boolean readsFromReplica) {
            // All keys are here.
        }
    };

    /** The newest map; null, always, if there is no cluster. */
    @Nullable
    ClusterMap map();

    /**
     * Returns if commands for keys of a slot are executed here.
     *
     * @param readsFromReplica whether a node that does not lead the slot may execute it: the command only reads, and
     *     the client has sent READONLY
     * @throws dev.penstock.server.resp.CommandError the reply that sends the client elsewhere, if they are not
     */
    void admit(int slot, boolean readsFromReplica);
}
