package dev.penstock.server.command;

import dev.penstock.server.resp.Reply;
import dev.penstock.store.ValueView;
import java.lang.foreign.MemorySegment;

/**
 * A value that a command looks at: where it lies in the store. To be closed, unless it is handed to a reply, which then
 * holds it until it is sent.
 */
final class Value implements AutoCloseable {

    private final ValueView view;

    Value(ValueView view) {
        this.view = view;
    }

    long length() {
        return view.length();
    }

    /** What changes with every write to the key. */
    long version() {
        return view.sequence();
    }

    /** The bytes; only until this is closed. */
    MemorySegment segment() {
        return view.segment();
    }

    byte[] toByteArray() {
        return view.toByteArray();
    }

    /** Bytes that it takes in the store's files, its key and header aside. */
    long storedLength() {
        return view.frameLength();
    }

    /** Replies with the value; takes it over. */
    void answer(Reply reply) {
        reply.valueOrNil(view);
    }

    /** Replies with a part of the value; takes it over. */
    void answer(Reply reply, long offset, long length) {
        reply.part(view, offset, length);
    }

    @Override
    public void close() {
        view.close();
    }
}
