package dev.penstock.server.command;

import dev.penstock.server.resp.Arguments;
import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.Request;
import dev.penstock.server.session.LoopContext;
import dev.penstock.server.session.Session;
import dev.penstock.server.transfer.OutputQueue;
import dev.penstock.server.turn.Suspended;
import dev.penstock.server.turn.Turn;
import dev.penstock.store.ConsistentRead;
import dev.penstock.store.Key;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;

/**
 * Reads the keys of a request in their order, up to {@value #MOST_KEYS} at a time as of one moment. Within a
 * transaction, EXEC ensures that. Event-loop thread only.
 */
final class ReadsTogether {

    /** So many keys are read as of one moment. */
    static final int MOST_KEYS = 1024;

    private final Turn turn;
    private final ConsistentRead moment;
    private final Key key = new Key();

    ReadsTogether(LoopContext loop) {
        this.turn = loop.turn();
        this.moment = loop.store().consistentRead();
    }

    /**
     * Reads the keys in all arguments from the first on.
     *
     * @param read is given the number of an argument, perhaps more than once: what it wrote to the reply before is
     *     taken back. Whether the key is there
     * @param done receives the number of present keys
     */
    void read(Session session, Request request, int first, Reply reply, IntPredicate read, IntConsumer done) {
        session.run(new Reading(session, request, first, reply, read, done));
    }

    private final class Reading implements Suspended {

        private final boolean alone;
        private final Request request;
        private final Reply reply;
        private final IntPredicate read;
        private final IntConsumer done;
        private int next;
        private int found;
        private int foundNow;

        Reading(Session session, Request request, int first, Reply reply, IntPredicate read, IntConsumer done) {
            this.alone = session.transaction() != null || request.count() - first == 1;
            this.request = request;
            this.reply = reply;
            this.read = read;
            this.done = done;
            this.next = first;
        }

        @Override
        public boolean goOn() {
            while (next < request.count()) {
                if (turn.isOver()) {
                    return false;
                }
                int end = Math.min(request.count(), next + MOST_KEYS);
                if (alone) {
                    read(end);
                } else {
                    readTogether(end);
                }
                found += foundNow;
                next = end;
            }
            done.accept(found);
            return true;
        }

        private void readTogether(int end) {
            for (int i = next; i < end; i++) {
                moment.add(key.set(Arguments.key(request, i)));
            }
            key.clear();
            OutputQueue.Mark whole = reply.lastMark();
            reply.mark();
            try {
                moment.run(() -> {
                    reply.rollback();
                    read(end);
                });
            } finally {
                reply.mark(whole);
            }
        }

        private void read(int end) {
            turn.spend((long) Turn.KEY_STEPS * (end - next));
            foundNow = 0;
            for (int i = next; i < end; i++) {
                if (read.test(i)) {
                    foundNow++;
                }
            }
            turn.spend(reply);
        }
    }
}
