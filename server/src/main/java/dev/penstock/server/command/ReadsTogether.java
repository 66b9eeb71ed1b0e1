package dev.penstock.server.command;

import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.Request;
import dev.penstock.server.transfer.OutputQueue;
import dev.penstock.store.ConsistentRead;
import dev.penstock.store.Store;
import java.nio.ByteBuffer;
import java.util.function.IntConsumer;

/**
 * Reads of the keys that a request names one after the other, up to {@value #MOST_KEYS} at a time as of one moment. Within a
 * transaction it is EXEC that sees to that. Event-loop thread only.
 */
final class ReadsTogether {

    /** So many keys are read as of one moment. */
    static final int MOST_KEYS = 1024;

    private final ConsistentRead moment;

    ReadsTogether(Store store) {
        this.moment = store.consistentRead();
    }

    /**
     * Reads the keys in all arguments from the first on.
     *
     * @param read is given the number of an argument, perhaps more than once: what it wrote to the reply before is taken
     *     back
     * @param begin called before each attempt at some of the keys, with the first argument
     */
    void read(Session session, Request request, int first, Reply reply, IntConsumer begin, IntConsumer read) {
        boolean alone = session.transaction() != null || request.count() - first == 1;
        for (int from = first; from < request.count(); from += MOST_KEYS) {
            int end = Math.min(request.count(), from + MOST_KEYS);
            if (alone) {
                read(from, end, begin, read);
            } else {
                readTogether(request, from, end, reply, begin, read);
            }
        }
    }

    private void readTogether(Request request, int from, int end, Reply reply, IntConsumer begin, IntConsumer read) {
        for (int i = from; i < end; i++) {
            ByteBuffer key = Arguments.key(request, i);
            moment.add(key.array(), key.arrayOffset() + key.position(), key.remaining());
        }
        OutputQueue.Mark whole = reply.lastMark();
        reply.mark();
        try {
            moment.run(() -> {
                reply.rollback();
                read(from, end, begin, read);
            });
        } finally {
            reply.mark(whole);
        }
    }

    private static void read(int from, int end, IntConsumer begin, IntConsumer read) {
        begin.accept(from);
        for (int i = from; i < end; i++) {
            read.accept(i);
        }
    }
}
