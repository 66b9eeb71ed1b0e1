package dev.penstock.server.resp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.server.transfer.ChunkPool;
import dev.penstock.server.transfer.OutOfBudgetException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class RequestQueueTest {

    private final ChunkPool pool = new ChunkPool();

    /** Decodes what a client sends and queues all of it. */
    private RequestQueue queue(String wire) throws IOException {
        RequestBuffer input = new RequestBuffer(pool);
        RequestDecoder decoder = new RequestDecoder(input, (request, index) -> false);
        ReadableByteChannel channel =
                Channels.newChannel(new ByteArrayInputStream(wire.getBytes(StandardCharsets.ISO_8859_1)));
        RequestQueue queue = decoder.request().newQueue();
        while (input.readFrom(channel) > 0) {
            while (decoder.next() == RequestDecoder.Outcome.REQUEST) {
                assertTrue(queue.add(decoder.request()));
                decoder.done();
            }
        }
        return queue;
    }

    private static void forEach(RequestQueue queue, Consumer<Request> consumer) {
        RequestQueue.Cursor cursor = queue.cursor();
        for (Request request = cursor.next(); request != null; request = cursor.next()) {
            consumer.accept(request);
        }
    }

    private static List<List<String>> replay(RequestQueue queue) {
        List<List<String>> requests = new ArrayList<>();
        forEach(queue, request -> {
            List<String> words = new ArrayList<>();
            for (int i = 0; i < request.count(); i++) {
                words.add(request.text(i));
            }
            requests.add(words);
        });
        return requests;
    }

    @Test
    void requestsComeBackAsOftenAsAskedFor() throws IOException {
        String large = "x".repeat(300_000);
        try (RequestQueue queue = queue("PING\r\nSET \"\" 'a b'\r\n*2\r\n$3\r\nGET\r\n$300000\r\n" + large + "\r\n")) {
            List<List<String>> expected = List.of(List.of("PING"), List.of("SET", "", "a b"), List.of("GET", large));
            assertEquals(expected, replay(queue));
            assertEquals(expected, replay(queue));
            assertEquals(3, queue.count());
        }
    }

    @Test
    void memoryIsCountedAndGivenBack() throws IOException {
        RequestQueue queue = queue("SET k " + "x".repeat(60_000) + "\r\nSET k " + "x".repeat(60_000) + "\r\n");
        assertEquals(queue.capacity(), pool.requests().used());
        assertEquals(queue.capacity(), pool.bytesOnLoan());
        queue.close();
        assertEquals(0, pool.requests().used());
        assertEquals(0, pool.bytesOnLoan());
    }

    @Test
    void whatDoesNotFitIsRefusedAndTheRestStays() throws IOException {
        try (RequestQueue one = queue("*1\r\n$40000000\r\n" + "x".repeat(40_000_000) + "\r\n")) {
            forEach(one, request -> assertFalse(one.add(request)));
            assertEquals(1, one.count());
            pool.requests()
                    .reserveFirst(pool.requests().limit() - pool.requests().used());
            RequestQueue none = new RequestQueue(pool);
            forEach(one, request -> assertThrows(OutOfBudgetException.class, () -> none.add(request)));
            assertEquals(0, none.count());
        }
    }
}
