package dev.penstock.server.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever records a client sends, a turn takes few of them, and all arrive as they were sent. */
class EncryptedInputTest {

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    /** A socket in which bytes are, and which gives a random part of them at a time. */
    private final class Socket implements ByteChannel {

        private final ByteBuffer content;

        Socket(byte[] content) {
            this.content = ByteBuffer.wrap(content);
        }

        @Override
        public int read(ByteBuffer target) {
            int count = Math.min(target.remaining(), Math.min(content.remaining(), 1 + random.nextInt(20_000)));
            target.put(content.slice(content.position(), count));
            content.position(content.position() + count);
            return count;
        }

        @Override
        public int write(ByteBuffer source) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    private static void record(ByteArrayOutputStream stream, byte[] content) {
        stream.writeBytes(new byte[] {23, 3, 3, (byte) (content.length >> 8), (byte) content.length});
        stream.writeBytes(content);
    }

    private byte[] records(int count, int longest) {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            byte[] content = new byte[random.nextInt(longest + 1)];
            random.nextBytes(content);
            record(stream, content);
        }
        return stream.toByteArray();
    }

    /** Bytes of one turn, which asks until there are no more for it. */
    private byte[] turn(EncryptedInput input) throws IOException {
        ByteArrayOutputStream taken = new ByteArrayOutputStream();
        input.beginTurn();
        ByteBuffer target = ByteBuffer.allocate(17_000);
        while (input.read(target.clear().limit(1 + random.nextInt(target.capacity()))) > 0) {
            taken.write(target.array(), 0, target.position());
            input.brought(random.nextInt(2));
        }
        return taken.toByteArray();
    }

    @Test
    void aTurnTakesFewRecordsAndNoneIsLost() throws IOException {
        for (int longest : new int[] {0, 22, 1000, 16_640}) {
            byte[] sent = records(500, longest);
            EncryptedInput input = new EncryptedInput(new Socket(sent));
            ByteArrayOutputStream arrived = new ByteArrayOutputStream();
            int turns = 0;
            do {
                byte[] taken = turn(input);
                assertTrue(taken.length <= EncryptedInput.RECORDS_OF_TURN * (longest + 5), "seed " + seed);
                arrived.writeBytes(taken);
                turns++;
            } while (input.isHeldBack());
            assertArrayEquals(sent, arrived.toByteArray(), "seed " + seed);
            assertTrue(turns >= 500 / EncryptedInput.RECORDS_OF_TURN, turns + " turns, seed " + seed);
        }
    }

    @Test
    void recordsOnEndThatBringNoDataEndTheConnection() {
        EncryptedInput input = new EncryptedInput(new Socket(records(100_000, 22)));
        ByteBuffer target = ByteBuffer.allocate(17_000);
        IOException end = assertThrows(IOException.class, () -> {
            while (true) {
                input.beginTurn();
                while (input.read(target.clear()) > 0) {}
            }
        });
        assertTrue(end.getMessage().contains("TLS records without data"), end.getMessage());
    }
}
