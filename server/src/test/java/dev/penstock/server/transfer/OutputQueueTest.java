package dev.penstock.server.transfer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.store.Key;
import dev.penstock.store.Store;
import dev.penstock.store.StoreOptions;
import dev.penstock.store.ValueView;
import dev.penstock.store.transfer.StoreTransfer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Output leaves in order and whole, however little the channel takes; what is rolled back was never there. */
class OutputQueueTest {

    private final ChunkPool pool = new ChunkPool();
    private final TransferContext transfers = new TransferContext(pool, new TransferSettings(), Runnable::run);
    private final OutputQueue queue = new OutputQueue(transfers, new TransferCounts(), () -> {});

    /** A socket that takes what it likes, often nothing. */
    private static final class Trickle implements WritableByteChannel {

        private final ByteArrayOutputStream received = new ByteArrayOutputStream();
        private final Random random;
        private final int most;

        Trickle(long seed, int most) {
            this.random = new Random(seed);
            this.most = most;
        }

        @Override
        public int write(ByteBuffer source) {
            int length = Math.min(source.remaining(), random.nextInt(most + 1));
            byte[] bytes = new byte[length];
            source.get(bytes);
            received.writeBytes(bytes);
            return length;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    @Property(tries = 50)
    void whateverIsPutArrivesInOrderWhole(@ForAll long seed) throws IOException {
        Random random = new Random(seed);
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        Trickle trickle = new Trickle(seed, 50_000);
        for (int i = 0; i < 50; i++) {
            byte[] bytes = new byte[random.nextInt(i % 10 == 0 ? 200_000 : 200)];
            random.nextBytes(bytes);
            queue.mark();
            if (random.nextBoolean()) {
                queue.put(bytes);
            } else {
                queue.put(ByteBuffer.wrap(bytes));
            }
            if (random.nextInt(4) == 0) {
                queue.rollback();
            } else {
                expected.writeBytes(bytes);
            }
            if (random.nextInt(5) == 0) {
                queue.writeTo(wire(trickle));
            }
        }
        drain(trickle);
        assertEquals(expected.toString(ISO_8859_1), trickle.received.toString(ISO_8859_1));
    }

    private static Wire wire(Trickle trickle) {
        return new TestWire(null, trickle, trickle.random.nextBoolean());
    }

    private void drain(Trickle trickle) throws IOException {
        while (!queue.writeTo(wire(trickle))) {
            assertTrue(queue.pending() > 0);
        }
        assertTrue(queue.isEmpty());
        assertEquals(0, queue.pending());
        assertEquals(0, queue.buffered());
        assertEquals(0, pool.bytesOnLoan(), "a drained queue holds no buffer");
    }

    @Test
    void valuesFromFilesKeepTheirPlaceBetweenBuffers(@TempDir Path directory) throws IOException {
        byte[] large = new byte[700_000];
        new Random(1).nextBytes(large);
        byte[] key = {'k'};
        try (Store store = Store.open(directory)) {
            store.put(key, large);
            String frame = "$700000\r\n" + new String(large, ISO_8859_1) + "\r\n";
            Trickle trickle = new Trickle(1, 100_000);
            queue.put("a".getBytes(ISO_8859_1));
            queue.mark();
            queue.putFrame(store.get(key));
            queue.put("taken back".getBytes(ISO_8859_1));
            queue.rollback();
            queue.put("b".getBytes(ISO_8859_1));
            queue.putFrame(store.get(key));
            queue.put("c".getBytes(ISO_8859_1));
            queue.putPart(store.get(key), 10, 600_000);
            queue.putPart(store.get(key), 10, 20);
            drain(trickle);
            String value = new String(large, ISO_8859_1);
            assertEquals(
                    "ab" + frame + "c" + value.substring(10, 600_010) + value.substring(10, 30),
                    trickle.received.toString(ISO_8859_1));
        }
    }

    @Test
    void severalPartsOfAValueAreVerifiedOnce(@TempDir Path directory) throws IOException {
        try (Store store = Store.open(directory, StoreOptions.defaults().withVerifyOnRead(true))) {
            StoreTransfer transfer = StoreTransfer.of(store);
            for (byte[] key : new byte[][] {{'k'}, {'l'}}) {
                store.put(key, new byte[100_000]);
                for (int part = 0; part < 5; part++) {
                    ValueView view = new ValueView();
                    transfer.locate(Key.of(key), view);
                    queue.putPart(view, part, 3);
                }
            }
            try (Verification verification = queue.verification()) {
                assertEquals(2, verification.count());
            }
            queue.discard();
        }
    }

    @Test
    void oneClientsShareOfATurnIsBounded(@TempDir Path directory) throws IOException {
        byte[] key = {'k'};
        try (Store store = Store.open(directory)) {
            store.put(key, new byte[3 << 20]);
            queue.putFrame(store.get(key));
            long before = queue.pending();
            assertFalse(queue.writeTo(wire(new Trickle(1, 1 << 30))));
            assertTrue(before - queue.pending() <= Wire.TURN_BYTES);
            queue.discard();
        }
    }

    /** Values of 1 MiB are common, and each has a head. */
    @Test
    void aTurnsShareAndALittleMoreLeaveInOneTurn(@TempDir Path directory) throws IOException {
        byte[] key = {'k'};
        try (Store store = Store.open(directory)) {
            store.put(key, new byte[(int) Wire.TURN_BYTES]);
            queue.put(new byte[400]);
            queue.putPart(store.get(key), 0, Wire.TURN_BYTES);
            assertTrue(queue.writeTo(new TestWire(null, Channels.newChannel(new ByteArrayOutputStream()), true)));
            queue.put(new byte[OutputQueue.TURN_SLACK_BYTES + 1]);
            queue.putPart(store.get(key), 0, Wire.TURN_BYTES);
            assertFalse(queue.writeTo(new TestWire(null, Channels.newChannel(new ByteArrayOutputStream()), true)));
            assertEquals(OutputQueue.TURN_SLACK_BYTES + 1, queue.pending());
            queue.discard();
        }
    }

    @Test
    void theKernelGathersFromTheFirstTurnOfALongValueToItsLastByte(@TempDir Path directory) throws IOException {
        byte[] key = {'k'};
        try (Store store = Store.open(directory)) {
            store.put(key, new byte[(int) Wire.TURN_BYTES]);
            queue.put(new byte[400]);
            queue.putPart(store.get(key), 0, Wire.TURN_BYTES);
            GatheringWire wire = new GatheringWire(new TestWire(null, new Trickle(1, 50_000), true));
            while (!queue.writeTo(wire)) {
                assertTrue(queue.pending() > 0);
            }
            assertEquals("", wire.seen.toString(), "one turn, however often the socket is full");

            store.put(key, new byte[3 * (int) Wire.TURN_BYTES]);
            queue.putPart(store.get(key), 0, 3 * Wire.TURN_BYTES);
            queue.put("end".getBytes(ISO_8859_1));
            assertFalse(queue.writeTo(wire));
            assertEquals("[true]", wire.seen.toString());
            while (!queue.writeTo(wire)) {
                assertTrue(queue.pending() > 0);
            }
            assertEquals("[true][false]", wire.seen.toString());
        }
    }

    /** Notes what it is told of values that take several turns. */
    private static final class GatheringWire implements Wire {

        private final TestWire socket;
        private final StringBuilder seen = new StringBuilder();

        GatheringWire(TestWire socket) {
            this.socket = socket;
        }

        @Override
        public void gather(boolean on) {
            seen.append('[').append(on).append(']');
        }

        @Override
        public ByteChannel channel() {
            return socket;
        }

        @Override
        public boolean isPlain() {
            return true;
        }

        @Override
        public int descriptor() {
            return NO_DESCRIPTOR;
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aTurnIsShorterWhereEachByteIsEncrypted(boolean plain) throws IOException {
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        queue.put(ByteBuffer.allocate(3 << 20));
        assertFalse(queue.writeTo(new TestWire(null, Channels.newChannel(received), plain)));
        assertEquals(plain ? Wire.TURN_BYTES : Wire.ENCRYPTED_TURN_BYTES, received.size());
        queue.discard();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aBriefTurnIsAQuarterOfATurn(boolean plain) throws IOException {
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        queue.put(ByteBuffer.allocate(3 << 20));
        assertFalse(queue.writeTo(new TestWire(null, Channels.newChannel(received), plain), true));
        assertEquals((plain ? Wire.TURN_BYTES : Wire.ENCRYPTED_TURN_BYTES) / 4, received.size());
        queue.discard();
    }

    @Test
    void aTurnIsOverWhenItsShareIsSentAndNotWhenTheSocketIsFull() throws IOException {
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        queue.put(ByteBuffer.allocate((int) Wire.TURN_BYTES + 100_000));
        assertFalse(queue.writeTo(new TestWire(null, Channels.newChannel(received), true)));
        assertTrue(queue.isTurnOver());
        assertFalse(queue.writeTo(wire(new Trickle(1, 1000))));
        assertFalse(queue.isTurnOver());
        assertTrue(queue.writeTo(new TestWire(null, Channels.newChannel(received), true)));
        assertFalse(queue.isTurnOver());
    }

    @Test
    void aPlaceLeftOpenIsFilledLater() throws IOException {
        Trickle trickle = new Trickle(1, 1000);
        queue.put("a".getBytes(ISO_8859_1));
        Place place = queue.reserve();
        queue.put("c".getBytes(ISO_8859_1));
        queue.fill(place, "b".getBytes(ISO_8859_1));
        queue.put("d".getBytes(ISO_8859_1));
        drain(trickle);
        assertEquals("abcd", trickle.received.toString(ISO_8859_1));
    }

    /**
     * Places, text, values from files, parts, marks and rollbacks in any order, against a list of what should arrive.
     */
    @Property(tries = 60)
    void anyMixtureArrivesWholeAndHoldsOneChunkForEachThatItFills(@ForAll long seed) throws IOException {
        byte[] large = new byte[200_000];
        new Random(1).nextBytes(large);
        String value = new String(large, ISO_8859_1);
        Random random = new Random(seed);
        Trickle trickle = new Trickle(seed, 90_000);
        StringBuilder expected = new StringBuilder();
        Path directory = Files.createTempDirectory("penstock-output");
        try (Store store = Store.open(directory)) {
            byte[] key = {'k'};
            store.put(key, large);
            for (int i = 0; i < 60; i++) {
                queue.mark();
                OutputQueue.Mark begin = queue.lastMark();
                int length = expected.length();
                long text = reply(random, store, key, value, expected);
                if (random.nextInt(4) == 0) {
                    queue.mark(begin);
                    queue.rollback();
                    expected.setLength(length);
                }
                if (random.nextInt(6) == 0) {
                    queue.writeTo(wire(trickle));
                } else {
                    long chunks = queue.buffered() - (long) ValueTransfer.MEMORY_LENGTH * queue.pieceCount();
                    assertTrue(chunks <= queue.pending() + text + 2 * OutputChunk.SIZE, "seed " + seed);
                }
            }
            drain(trickle);
            assertTrue(expected.toString().equals(trickle.received.toString(ISO_8859_1)), "seed " + seed);
        } finally {
            try (Stream<Path> files = Files.walk(directory)) {
                files.sorted(Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            }
        }
    }

    /** Returns how many bytes it may waste. */
    private long reply(Random random, Store store, byte[] key, String value, StringBuilder expected)
            throws IOException {
        Place place = random.nextBoolean() ? queue.reserve() : null;
        String header = "*" + random.nextInt(1_000_000) + "\r\n";
        int headerAt = expected.length();
        for (int i = random.nextInt(4); i > 0; i--) {
            String text = "x".repeat(random.nextInt(random.nextInt(10) == 0 ? 100_000 : 100));
            queue.put(text.getBytes(ISO_8859_1));
            expected.append(text);
            if (random.nextInt(5) == 0) {
                queue.mark();
                queue.put(new byte[random.nextInt(70_000)]);
                queue.rollback();
            }
            if (random.nextInt(3) == 0) {
                queue.putPart(store.get(key), 100, 150_000);
                expected.append(value, 100, 150_100);
            }
        }
        if (place != null) {
            queue.fill(place, header.getBytes(ISO_8859_1));
            expected.insert(headerAt, header);
        }
        return Place.LENGTH;
    }

    /**
     * What is held is what the replies take: text between values continues in the chunk that the text before them
     * began.
     */
    @Test
    void aThousandValuesWithTextBetweenThemHoldFewChunks(@TempDir Path directory) throws IOException {
        byte[] key = {'k'};
        try (Store store = Store.open(directory)) {
            store.put(key, new byte[OutputQueue.TRANSFER_PART_LENGTH + 100]);
            for (int i = 0; i < 2000; i++) {
                queue.put("$131072\r\n".getBytes(ISO_8859_1));
                queue.putPart(store.get(key), 0, OutputQueue.TRANSFER_PART_LENGTH);
                queue.fill(queue.reserve(), "\r\n".getBytes(ISO_8859_1));
            }
            assertTrue(
                    queue.buffered() <= 2000L * ValueTransfer.MEMORY_LENGTH + OutputChunk.SIZE, "" + queue.buffered());
            assertEquals(OutputChunk.SIZE, pool.bytesOnLoan());
            queue.discard();
            assertEquals(0, pool.bytesOnLoan());
            assertEquals(0, queue.buffered());
        }
    }

    @Test
    void aReplyThatTakesTooMuchMemoryIsRefusedAndTakenBack() {
        byte[] megabyte = new byte[1 << 20];
        queue.put("kept".getBytes(ISO_8859_1));
        queue.mark();
        assertThrows(ReplyTooLargeException.class, () -> {
            for (int i = 0; i < 1000; i++) {
                queue.put(megabyte);
            }
        });
        queue.rollback();
        assertEquals(4, queue.pending());
        assertEquals(OutputChunk.SIZE, pool.bytesOnLoan());
    }
}
