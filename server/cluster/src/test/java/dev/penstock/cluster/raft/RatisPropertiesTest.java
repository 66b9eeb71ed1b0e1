package dev.penstock.cluster.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.junit.jupiter.api.Test;

/** What the promises of a cluster need of Ratis. */
class RatisPropertiesTest {

    private static RaftProperties of(boolean isForced) {
        RaftMember member = new RaftMember("a", "127.0.0.1", 1);
        return RatisProperties.of(
                new RaftSettings("a", List.of(member), "group", Path.of("raft"), 500, isForced, true));
    }

    /** Otherwise a majority counts an entry that only its page caches have, and the power of all takes it. */
    @Test
    void anEntryCountsWhenItIsOnTheDevice() {
        assertFalse(RaftServerConfigKeys.Log.unsafeFlushEnabled(of(true)));
        assertFalse(RaftServerConfigKeys.Log.asyncFlushEnabled(of(true)));
        assertTrue(RaftServerConfigKeys.Log.unsafeFlushEnabled(of(false)));
    }

    /** The defaults are below /tmp. */
    @Test
    void theLogIsInTheFolderOfTheNode() {
        assertEquals(List.of(Path.of("raft").toAbsolutePath().toFile()), RaftServerConfigKeys.storageDir(of(true)));
    }

    /** Ratis would shut itself down after a pause of a minute. */
    @Test
    void aPauseEndsNothingAndNoSnapshotIsSent() {
        assertTrue(RaftServerConfigKeys.closeThreshold(of(true)).toLong(TimeUnit.DAYS) > 365);
        assertFalse(RaftServerConfigKeys.Log.Appender.installSnapshotEnabled(of(true)));
        assertFalse(RaftServerConfigKeys.Snapshot.autoTriggerEnabled(of(true)));
    }
}
