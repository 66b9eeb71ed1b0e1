package dev.penstock.server.resp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.penstock.server.transfer.ChunkPool;
import dev.penstock.server.transfer.MemoryBudget;
import dev.penstock.server.transfer.OutOfBudgetException;
import dev.penstock.server.transfer.OutputChunk;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a client sends while its command is under way joins what it sent before, and takes no more memory for that. */
class RequestBufferTest {

    private final ChunkPool pool = new ChunkPool();
    private final MemoryBudget memory = pool.requests();

    /** A buffer with so many bytes, each the last digit of its place in what was sent. */
    private RequestBuffer buffer(int from, int length) throws IOException {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) ((from + i) % 10);
        }
        RequestBuffer buffer = new RequestBuffer(pool);
        ReadableByteChannel channel = Channels.newChannel(new ByteArrayInputStream(bytes));
        while (buffer.available() < length) {
            buffer.readFrom(channel);
        }
        return buffer;
    }

    @ParameterizedTest
    @CsvSource({
        // received, consumed, early
        "60000, 0, 60000",
        "60000, 50000, 40000",
        "60000, 59990, 65536",
        "200000, 0, 60000",
        "200000, 100000, 130000",
        "100, 0, 60000",
        "10, 10, 10",
    })
    void bothTogetherTakeNoMoreMemoryThanEach(int received, int consumed, int early) throws IOException {
        RequestBuffer input = buffer(0, received);
        input.consume(consumed);
        RequestBuffer more = buffer(received, early);
        long held = memory.used();
        memory.reserveFirst(memory.limit() - held); // nothing is left
        input.takeFrom(more);
        memory.release(memory.limit() - held);
        assertEquals(held, Math.max(held, memory.used()));
        assertEquals(input.capacity(), memory.used());
        assertEquals(0, more.available());
        assertEquals(0, more.capacity());
        assertEquals(received - consumed + early, input.available());
        for (int i = 0; i < input.available(); i++) {
            assertEquals((consumed + i) % 10, input.get(i), "byte " + i);
        }
        input.release();
        assertEquals(0, memory.used());
    }

    /** The next doubling may be more than both. Without memory for it, each keeps what it has. */
    @Test
    void whatDoesNotFitIsLeftWhereItIs() throws IOException {
        RequestBuffer input = buffer(0, 120_000);
        RequestBuffer more = buffer(120_000, 60_000);
        long held = memory.used();
        assertEquals(3 * OutputChunk.SIZE, held);
        memory.reserveFirst(memory.limit() - held);
        assertThrows(OutOfBudgetException.class, () -> input.takeFrom(more));
        memory.release(memory.limit() - held);
        assertEquals(120_000, input.available());
        assertEquals(60_000, more.available());
        assertEquals(held, memory.used());
        input.takeFrom(more);
        assertEquals(180_000, input.available());
    }
}
