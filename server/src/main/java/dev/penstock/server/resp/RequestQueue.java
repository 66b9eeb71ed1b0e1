package dev.penstock.server.resp;

import dev.penstock.server.transfer.ChunkPool;
import java.util.function.Consumer;

/**
 * Copies of requests that are to be executed later, in memory that counts as the clients' requests do. Each is laid down
 * as the number of its arguments, their lengths, and their bytes.
 */
public final class RequestQueue implements AutoCloseable {

    private final RequestBuffer buffer;
    private final Request replayed;
    private int count;

    RequestQueue(ChunkPool pool) {
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

    public int count() {
        return count;
    }

    /** Memory that the copies take. */
    public int capacity() {
        return buffer.capacity();
    }

    /** Passes on the requests in their order; each is valid until the next one, but its bytes until this is closed. */
    public void forEach(Consumer<Request> consumer) {
        int position = 0;
        for (int i = 0; i < count; i++) {
            int arguments = buffer.getInt(position);
            int lengths = position + Integer.BYTES;
            position = lengths + arguments * Integer.BYTES;
            try {
                for (int j = 0; j < arguments; j++) {
                    int length = buffer.getInt(lengths + j * Integer.BYTES);
                    replayed.add(position, length);
                    position += length;
                }
                consumer.accept(replayed);
            } finally {
                replayed.clear();
            }
        }
    }

    /** Gives the memory back. */
    @Override
    public void close() {
        buffer.release();
    }
}
