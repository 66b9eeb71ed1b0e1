package dev.penstock.cluster.raft;

import java.io.File;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.rpc.SupportedRpcType;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/** The settings of Ratis. What stands here differs from its defaults for a reason. */
final class RatisProperties {

    /** What appenders send at once, and so the most that an entry may have. */
    private static final SizeInBytes APPENDER_BUFFER = SizeInBytes.valueOf("4MB");

    /** Direct memory of each group; more than an appender's buffer. */
    private static final SizeInBytes WRITE_BUFFER = SizeInBytes.valueOf("5MB");

    private static final SizeInBytes CACHED_LOG = SizeInBytes.valueOf("16MB");
    private static final TimeDuration RETRY_CACHE_EXPIRY = TimeDuration.valueOf(2, TimeUnit.SECONDS);
    private static final TimeDuration STEP_DOWN_WAIT = TimeDuration.valueOf(1, TimeUnit.SECONDS);
    private static final TimeDuration NO_LIMIT = TimeDuration.valueOf(1000, TimeUnit.DAYS);

    private RatisProperties() {}

    static RaftProperties of(RaftSettings settings) {
        RaftProperties properties = new RaftProperties();
        RaftConfigKeys.Rpc.setType(properties, SupportedRpcType.GRPC);
        GrpcConfigKeys.Server.setHost(properties, settings.member().host());
        GrpcConfigKeys.Server.setPort(properties, settings.member().port());
        setFolders(properties, settings.folder().toFile());
        setElections(properties, settings.electionTimeoutMillis());
        setLog(properties, settings.isForced());
        // It would close itself after a pause of a minute. A leader steps down after one of a second.
        RaftServerConfigKeys.setCloseThreshold(properties, NO_LIMIT);
        // Each cached request keeps its entry on the heap. No request here is ever sent again.
        RaftServerConfigKeys.RetryCache.setExpiryTime(properties, RETRY_CACHE_EXPIRY);
        return properties;
    }

    /** The defaults are below /tmp. */
    private static void setFolders(RaftProperties properties, File folder) {
        RaftServerConfigKeys.setStorageDir(properties, List.of(folder));
        RaftServerConfigKeys.setRemovedGroupsDir(properties, new File(folder, "removed"));
    }

    private static void setElections(RaftProperties properties, int timeoutMillis) {
        RaftServerConfigKeys.Rpc.setTimeoutMin(properties, TimeDuration.valueOf(timeoutMillis, TimeUnit.MILLISECONDS));
        RaftServerConfigKeys.Rpc.setTimeoutMax(
                properties, TimeDuration.valueOf(2L * timeoutMillis, TimeUnit.MILLISECONDS));
        // A leader that has lost the majority stands for election again after this time.
        RaftServerConfigKeys.LeaderElection.setLeaderStepDownWaitTime(properties, STEP_DOWN_WAIT);
    }

    private static void setLog(RaftProperties properties, boolean isForced) {
        RaftServerConfigKeys.Log.setUnsafeFlushEnabled(properties, !isForced);
        // Otherwise Ratis adds entries of its own after commits.
        RaftServerConfigKeys.Log.setLogMetadataEnabled(properties, false);
        RaftServerConfigKeys.Log.Appender.setBufferByteLimit(properties, APPENDER_BUFFER);
        RaftServerConfigKeys.Log.setWriteBufferSize(properties, WRITE_BUFFER);
        RaftServerConfigKeys.Log.setSegmentCacheSizeMax(properties, CACHED_LOG);
        // Otherwise KeptLog would let go of nothing before there are 1024 entries more, which may have 3 MiB each.
        RaftServerConfigKeys.Log.setPurgeGap(properties, 1);
        RaftServerConfigKeys.Log.Appender.setInstallSnapshotEnabled(properties, false);
        // The node says when.
        RaftServerConfigKeys.Snapshot.setAutoTriggerEnabled(properties, false);
        RaftServerConfigKeys.Snapshot.setTriggerWhenStopEnabled(properties, false);
    }
}
