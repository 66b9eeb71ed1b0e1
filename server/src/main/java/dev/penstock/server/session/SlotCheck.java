package dev.penstock.server.session;

import dev.penstock.server.resp.Arguments;
import dev.penstock.server.resp.CommandError;
import dev.penstock.server.resp.Request;
import dev.penstock.server.shard.Router;
import dev.penstock.server.shard.Slots;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Refuses a request whose keys lie in several slots, or in one that another node of the cluster serves. Used where
 * there is a cluster alone. Event-loop thread only.
 */
final class SlotCheck {

    static final int NO_SLOT = -1;

    private final Router router;
    private final boolean isReplicated;

    /** @param isReplicated whether a group agrees on what is written */
    SlotCheck(Router router, boolean isReplicated) {
        this.router = router;
        this.isReplicated = isReplicated;
    }

    /**
     * Checks a request that is to be executed or queued now.
     *
     * @return null if it may be; otherwise what it has to wait for before it is checked again
     */
    @Nullable
    CompletableFuture<Void> check(Session session, Command command, Request request) {
        Transaction transaction = session.transaction();
        if (transaction != null && command.isExec()) {
            return admit(session, transaction.slot(), transaction.isReadOnly(), transaction.writes());
        }
        int slot = slot(command, request);
        CompletableFuture<Void> leader = admit(session, slot, command.isReadOnly(), command.isWrite());
        if (leader == null && transaction != null && !command.isImmediate()) {
            transaction.include(slot, command.isReadOnly());
        }
        return leader;
    }

    private @Nullable CompletableFuture<Void> admit(Session session, int slot, boolean reads, boolean writes) {
        if (slot == NO_SLOT) {
            return isReplicated && writes ? router.admitWithoutKeys() : null;
        }
        return router.admit(slot, reads && session.readsFromReplica());
    }

    /**
     * The slot of all keys of a request; {@link #NO_SLOT} if it has none. A key that is too long for a store is refused
     * before its bytes are read: an argument may have 512 MiB, and its slot depends on all of them.
     */
    static int slot(Command command, Request request) {
        if (command.firstKey() == 0) {
            return NO_SLOT;
        }
        int slot = NO_SLOT;
        int last = command.lastKey(request.count());
        for (int argument = command.firstKey(); argument <= last; argument += command.keyStep()) {
            Arguments.checkKey(request, argument);
            slot = same(slot, Slots.of(request, argument));
        }
        return slot;
    }

    /** The one slot of two; either may be {@link #NO_SLOT}. */
    static int same(int one, int other) {
        if (one != NO_SLOT && other != NO_SLOT && one != other) {
            throw new CommandError("CROSSSLOT Keys in request don't hash to the same slot");
        }
        return one == NO_SLOT ? other : one;
    }
}
