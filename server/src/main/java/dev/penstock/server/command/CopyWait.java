package dev.penstock.server.command;

import dev.penstock.server.resp.CommandError;
import dev.penstock.server.resp.Reply;
import dev.penstock.server.shard.Proposals;
import dev.penstock.server.turn.Suspended;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * WAIT on a node of a cluster: waits until enough other nodes have in their logs what was executed here before the
 * command, which includes every write that its client has a reply to. Half of the other nodes have it by then, or it
 * would not have been executed. The rest is counted again after a pause, which grows. Event-loop thread only.
 */
final class CopyWait implements Suspended {

    /** Instead of a time: replies with the present count. */
    static final long NO_WAIT = -1;

    private static final long SHORTEST_PAUSE_MILLIS = 2;
    private static final long LONGEST_PAUSE_MILLIS = 1000;

    /** Beyond this a client that has gone would be kept for nothing. */
    private static final long LONGEST_WAIT_MILLIS = 60_000;

    /** Of a count, or of an error. */
    private static final int REPLY_LENGTH = 128;

    private final Proposals log;
    private final long wanted;
    private final long limitMillis;
    private final Reply reply;
    private final long position;
    private final long startNanos = System.nanoTime();
    private long pauseMillis = SHORTEST_PAUSE_MILLIS;
    private @Nullable CompletableFuture<Void> pause;

    /**
     * @param wanted how many other nodes are enough
     * @param millis how long to wait for them; 0 means as long as it ever waits, which is a minute
     * @throws CommandError if this node does not lead
     */
    CopyWait(Proposals log, long wanted, long millis, Reply reply) {
        this.log = log;
        this.wanted = wanted;
        this.limitMillis = millis == 0 ? LONGEST_WAIT_MILLIS : Math.min(millis, LONGEST_WAIT_MILLIS);
        this.reply = reply;
        this.position = log.applied();
        if (log.copies(position) < 0) {
            throw new CommandError("ERR WAIT cannot be used with replica instances");
        }
        reply.ensureOwnRoom(REPLY_LENGTH);
    }

    @Override
    public boolean goOn() {
        int copies = log.copies(position);
        if (copies < 0) {
            throw new CommandError("UNBLOCKED force unblock from blocking operation, this node does not lead any more");
        }
        long left = leftMillis();
        if (copies < wanted && left > 0) {
            pause = new CompletableFuture<Void>()
                    .completeOnTimeout(null, Math.min(pauseMillis, left), TimeUnit.MILLISECONDS);
            pauseMillis = Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
            return false;
        }
        reply.integer(copies);
        return true;
    }

    private long leftMillis() {
        return limitMillis - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
    }

    @Override
    public @Nullable CompletionStage<?> awaited() {
        return pause;
    }
}
