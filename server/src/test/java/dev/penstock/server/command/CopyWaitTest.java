package dev.penstock.server.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.acl.Users;
import dev.penstock.server.config.Settings;
import dev.penstock.server.session.LoopContext;
import dev.penstock.server.session.ServerContext;
import dev.penstock.server.shard.Proposal;
import dev.penstock.server.shard.Proposals;
import dev.penstock.server.shard.Router;
import dev.penstock.server.transfer.ChunkPool;
import dev.penstock.server.transfer.TransferContext;
import dev.penstock.server.transfer.TransferSettings;
import dev.penstock.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CopyWaitTest {

    /** Far less than the chunk that other commands reserve. */
    private static final long MOST_BYTES = 1024;

    /** A leader whose only entry gets to two other nodes after some looks. */
    private static final class SlowLog implements Proposals {

        private final ChunkPool pool;
        private int looks;
        private long mostBytes;

        SlowLog(ChunkPool pool) {
            this.pool = pool;
        }

        @Override
        public void propose(Proposal proposal) {
            throw new AssertionError("nothing is written");
        }

        @Override
        public CompletionStage<Void> fence() {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public boolean isCurrent() {
            return true;
        }

        @Override
        public long term() {
            return 1;
        }

        @Override
        public long applied() {
            return 1;
        }

        @Override
        public int copies(long position) {
            mostBytes = Math.max(mostBytes, pool.replies().used());
            return ++looks < 5 ? 1 : 2;
        }
    }

    /** Thousands of clients may wait: the memory of their replies is that of others. */
    @Test
    void aClientThatWaitsHoldsLittleMemoryForItsReply(@TempDir Path directory) throws IOException {
        ChunkPool pool = new ChunkPool();
        SlowLog log = new SlowLog(pool);
        Users users = Users.ofDefault(null);
        try (Store store = Store.open(directory);
                TransferContext transfers = new TransferContext(pool, new TransferSettings(), Runnable::run)) {
            LoopContext loop = new LoopContext(
                    new ServerContext(store, new Settings(0, Map.of()), users, Router.STANDALONE, log, () -> {}));
            try (TurnClient client = new TurnClient(loop, Commands.dispatcher(loop), transfers)) {
                client.run(WorstRequests.request("wait", "2", "0"));
                assertTrue(log.looks >= 5, log.looks + " looks");
                assertEquals(":2\r\n", client.replies());
                assertTrue(log.mostBytes < MOST_BYTES, log.mostBytes + " bytes");
            }
        }
    }
}
