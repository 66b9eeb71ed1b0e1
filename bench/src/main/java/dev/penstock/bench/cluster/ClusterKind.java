package dev.penstock.bench.cluster;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.penstock.bench.process.ExternalProgram;
import java.io.IOException;
import java.nio.file.Path;

/** The systems that are compared, with what an acknowledged write means in each. */
enum ClusterKind {
    PENSTOCK(
            "penstock cluster",
            "three nodes; a majority has forced the write, the leader has executed it; reads are linearizable") {
        @Override
        Deployment start(Path folder) throws IOException {
            return PenstockNodes.startCluster(folder);
        }
    },
    STANDALONE("penstock serve", "one server; the write is in the page cache and survives the end of the process") {
        @Override
        Deployment start(Path folder) throws IOException {
            return PenstockNodes.startServer(folder);
        }
    },
    REDIS(
            "redis cluster",
            "one master with all slots, two replicas, appendfsync always; the master has forced the write, and sends it"
                    + " to the replicas later. After WAIT 1, one replica has it in memory. A failover can lose"
                    + " acknowledged writes") {
        @Override
        Deployment start(Path folder) throws IOException {
            return RedisNodes.start(folder);
        }

        @Override
        boolean isInstalled() {
            return ExternalProgram.isInstalled("redis-server");
        }
    },
    ETCD("etcd", "three members; a majority has forced the write, the leader has executed it; reads are linearizable") {
        @Override
        Deployment start(Path folder) throws IOException {
            return EtcdNodes.start(folder);
        }

        @Override
        boolean isInstalled() {
            return ExternalProgram.isInstalled("etcd");
        }

        @Override
        KeyClient connect(Deployment deployment) {
            return new EtcdKeyClient(deployment);
        }
    };

    private final String label;
    private final String promise;

    ClusterKind(String label, String promise) {
        this.label = label;
        this.promise = promise;
    }

    @JsonValue
    String label() {
        return label;
    }

    /** What an acknowledged write means. */
    String promise() {
        return promise;
    }

    boolean isInstalled() {
        return true;
    }

    /** Starts the servers below the folder, and returns when one of them takes writes. */
    abstract Deployment start(Path folder) throws IOException;

    /** Whether three servers elect another leader. A Redis Cluster needs three masters for that, and replicas. */
    boolean hasFailover() {
        return this == PENSTOCK || this == ETCD;
    }

    /** A client that finds the leader. */
    KeyClient connect(Deployment deployment) {
        return new RedisKeyClient(deployment);
    }
}
