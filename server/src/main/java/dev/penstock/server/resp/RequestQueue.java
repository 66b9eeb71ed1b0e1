package dev.penstock.server.resp;

import dev.penstock.server.transfer.ChunkPool;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Copies of requests that are executed later, in memory that counts towards the budget of requests. Each is stored as
 * the number of its arguments, their lengths, and their bytes.
 */
public final class RequestQueue implements AutoCloseable {

    private final RequestBuffer buffer;
    private final Request replayed;
    private int count;

    /** @param pool where the copies are kept */
    public RequestQueue(ChunkPool pool) {
        buffer = new RequestBuffer(pool);
        replayed = new Request(buffer);
    }

    /**
     * Adds a copy of a request, no argument of which was streamed; false if all together would take more than
     * {@link RequestBuffer#REQUEST_LIMIT} bytes.
     */
    public boolean add(Request request) {
        long length = Integer.BYTES * (1L + request.count());
        for (int i = 0; i < request.count(); i++) {
            length += request.length(i);
        }
        if (length > RequestBuffer.REQUEST_LIMIT - buffer.available()) {
            return false;
        }
        buffer.makeRoom((int) length);
        buffer.appendInt(request.count());
        for (int i = 0; i < request.count(); i++) {
            buffer.appendInt(request.length(i));
        }
        for (int i = 0; i < request.count(); i++) {
            buffer.append(request.value(i));
        }
        count++;
        return true;
    }

    /**
     * Adds a copy of a request.
     *
     * @throws dev.penstock.server.transfer.OutOfBudgetException if there is no memory for it
     */
    public void add(List<byte[]> arguments) {
        long length = Integer.BYTES * (1L + arguments.size());
        for (byte[] argument : arguments) {
            length += argument.length;
        }
        if (length > RequestBuffer.REQUEST_LIMIT - buffer.available()) {
            throw new IllegalArgumentException("the requests take more than " + RequestBuffer.REQUEST_LIMIT + " bytes");
        }
        buffer.makeRoom((int) length);
        buffer.appendInt(arguments.size());
        for (byte[] argument : arguments) {
            buffer.appendInt(argument.length);
        }
        for (byte[] argument : arguments) {
            buffer.append(ByteBuffer.wrap(argument));
        }
        count++;
    }

    public int count() {
        return count;
    }

    /** Memory that the copies take. */
    public int capacity() {
        return buffer.capacity();
    }

    /** Goes through the requests in their order, from the first. One at a time. */
    public Cursor cursor() {
        return new Cursor();
    }

    /** Where it is among the requests. */
    public final class Cursor {

        private int index;
        private int position;

        private Cursor() {
            replayed.clear();
        }

        /** The next request, valid until the one after it, but its bytes until the queue is closed; null at the end. */
        public @Nullable Request next() {
            replayed.clear();
            if (index == count) {
                return null;
            }
            index++;
            int arguments = buffer.getInt(position);
            int lengths = position + Integer.BYTES;
            position = lengths + arguments * Integer.BYTES;
            for (int i = 0; i < arguments; i++) {
                int length = buffer.getInt(lengths + i * Integer.BYTES);
                replayed.add(position, length);
                position += length;
            }
            return replayed;
        }
    }

    /** Gives the memory back. */
    @Override
    public void close() {
        replayed.clear();
        buffer.release();
    }
}
