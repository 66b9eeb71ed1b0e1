package dev.penstock.server.command;

import dev.penstock.server.keyspace.Keyspace;
import dev.penstock.server.keyspace.KeyspaceValue;
import dev.penstock.server.keyspace.TransactionKeyspace;
import dev.penstock.server.keyspace.ValueParts;
import dev.penstock.server.resp.Arguments;
import dev.penstock.server.resp.Reply;
import dev.penstock.server.resp.Request;
import dev.penstock.server.session.LoopContext;
import dev.penstock.server.session.Session;
import dev.penstock.server.turn.Job;
import dev.penstock.server.turn.Suspended;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Replaces a value by one that is derived from it, and replies with its length. Another thread writes a long value,
 * because its bytes have to be copied.
 */
abstract class Replacement implements Suspended {

    private static final long LONG_LENGTH = 1 << 20;

    private static final int UNMAPPED_IN_STEP_SHIFT = 15; // when the old value is let go

    private final Session session;
    private final LoopContext loop;

    @SuppressWarnings("NullAway.Init") // set by of, before it runs
    private Request request;

    private int argument;

    @SuppressWarnings("NullAway.Init") // as the request
    private Reply reply;

    private @Nullable KeyspaceValue old; // held while another thread copies it
    private @Nullable Job writing;
    private long length;

    Replacement(Session session, LoopContext loop) {
        this.session = session;
        this.loop = loop;
    }

    /** @param index of the argument of which the new value is made; argument 1 is the key */
    Replacement of(Request command, int index, Reply answer) {
        request = command;
        argument = index;
        reply = answer;
        return this;
    }

    /**
     * What the new value consists of.
     *
     * @param current null if the key is absent
     * @return null if the value is to stay as it is
     */
    abstract @Nullable List<MemorySegment> parts(@Nullable KeyspaceValue current, MemorySegment part);

    @Override
    public boolean goOn() {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            if (writing != null) {
                boolean written = writing.result();
                loop.turn().spend(length >>> UNMAPPED_IN_STEP_SHIFT);
                close();
                if (written) {
                    reply.integer(length);
                    return true;
                }
                continue;
            }
            ByteBuffer key = Arguments.key(request, 1);
            old = session.keyspace().get(key);
            MemorySegment part = MemorySegment.ofBuffer(request.value(argument));
            List<MemorySegment> parts = parts(old, part);
            if (parts == null) {
                reply.integer(old == null ? 0 : old.length());
                close();
                return true;
            }
            length = ValueParts.length(parts);
            if (length >= LONG_LENGTH && !(session.keyspace() instanceof TransactionKeyspace)) {
                writing = writing(Arguments.bytes(key));
                return false;
            }
            loop.turn().spendBytes(length);
            if (old != null) {
                loop.turn().spendVerification(old.unverifiedLength());
                old.verify();
            }
            boolean written = session.keyspace().update(key, old, parts, KeyspaceValue.expiryOf(old));
            close();
            if (written) {
                reply.integer(length);
                return true;
            }
        }
        return false;
    }

    /** The argument is copied: where it lies, only the event loop may read. */
    private Job writing(byte[] key) {
        MemorySegment part = MemorySegment.ofArray(request.bytes(argument));
        Keyspace keys = session.keyspace();
        KeyspaceValue current = old;
        return new Job(() -> {
            if (current != null) {
                current.verify();
            }
            return keys.update(
                    ByteBuffer.wrap(key),
                    current,
                    Objects.requireNonNull(parts(current, part)),
                    KeyspaceValue.expiryOf(current));
        });
    }

    @Override
    public @Nullable Runnable elsewhere() {
        return writing;
    }

    @Override
    public void close() {
        writing = null;
        if (old != null) {
            old.close();
            old = null;
        }
    }
}
