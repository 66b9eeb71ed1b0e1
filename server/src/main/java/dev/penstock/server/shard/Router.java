package dev.penstock.server.shard;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
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
        public @Nullable CompletableFuture<Void> admit(int slot, boolean readsFromReplica) {
            return null; // all keys are here
        }
    };

    /** The newest map; null, always, if there is no cluster. */
    @Nullable
    ClusterMap map();

    /** The group that agrees on what clients write; null if there is none. */
    default @Nullable GroupState group() {
        return null;
    }

    /**
     * Decides about commands for keys of a slot.
     *
     * @param readsFromReplica whether a node that does not lead the slot may execute it: the command only reads, and
     *     the client has sent READONLY
     * @return null if the commands are executed here. If the slot has no leader at present, a future that completes, on
     *     any thread, when it is worth asking again; the request waits until then, no longer than {@link #longestWait}
     * @throws dev.penstock.server.resp.CommandError the reply that sends the client elsewhere
     */
    @Nullable
    CompletableFuture<Void> admit(int slot, boolean readsFromReplica);

    /**
     * Decides about commands that write without naming keys, such as FLUSHALL, where a group agrees on what is written:
     * a node that leads no slot cannot execute them.
     *
     * @return as {@link #admit} does
     * @throws dev.penstock.server.resp.CommandError if another node leads
     */
    default @Nullable CompletableFuture<Void> admitWithoutKeys() {
        return null;
    }

    /** How long a request waits for a leader, however often the router is asked again; then it is refused. */
    default Duration longestWait() {
        return Duration.ZERO;
    }
}
