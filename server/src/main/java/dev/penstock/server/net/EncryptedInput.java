package dev.penstock.server.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;

/**
 * The input of a TLS socket: a turn gets a bounded number of records, with or without data. Records without data, such
 * as KeyUpdate, are 27 bytes long and costly to process, and a client may send them endlessly, even before it
 * authenticates. A client that sends {@value #MOST_IDLE_BYTES} bytes of them in a row is disconnected.
 *
 * <p>The socket is read in large pieces. The part of a piece beyond the turn's records is kept for the next turn.
 *
 * <p>Event-loop thread only.
 */
final class EncryptedInput implements ByteChannel {

    /** As much data as other clients wait for, and some milliseconds of records without. */
    static final int RECORDS_OF_TURN = 32;

    private static final int MOST_IDLE_BYTES = 1 << 20;
    private static final int HEADER_LENGTH = 5;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final ByteChannel socket;
    private long idleBytes; // since there was data
    private int recordsOfTurn;
    private boolean heldBack;
    private ByteBuffer kept = NOTHING;
    private int header; // bytes of the current record's header that have come
    private int length; // of the current record, as far as the header has come
    private int left; // bytes of the current record that are still to come, the header apart

    EncryptedInput(ByteChannel socket) {
        this.socket = socket;
    }

    void beginTurn() {
        recordsOfTurn = 0;
        heldBack = false;
    }

    /** Notes data. */
    void brought(int bytes) {
        if (bytes > 0) {
            idleBytes = 0;
        }
    }

    /** Whether there may be more that the turn did not get. */
    boolean isHeldBack() {
        return heldBack || kept.hasRemaining();
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        heldBack = recordsOfTurn >= RECORDS_OF_TURN;
        if (heldBack) {
            return 0;
        }
        int begin = target.position();
        if (kept.hasRemaining()) {
            int count = Math.min(kept.remaining(), target.remaining());
            target.put(kept.slice(kept.position(), count));
            kept.position(kept.position() + count);
        } else {
            kept = NOTHING;
            int read = socket.read(target);
            if (read <= 0) {
                return read;
            }
            idleBytes += read;
            if (idleBytes > MOST_IDLE_BYTES) {
                throw new IOException(idleBytes + " bytes of TLS records without data");
            }
        }
        int end = endOfTurn(target, begin);
        keepFrom(target, end);
        return end - begin;
    }

    /** Where the last record ends that the turn may have, or the bytes that there are. */
    private int endOfTurn(ByteBuffer bytes, int begin) {
        int at = begin;
        while (at < bytes.position() && recordsOfTurn < RECORDS_OF_TURN) {
            if (header < HEADER_LENGTH) {
                length = (length << 8 | bytes.get(at++) & 0xff) & 0xffff; // the header's last two bytes
                header++;
                left = length;
            } else {
                int count = Math.min(left, bytes.position() - at);
                at += count;
                left -= count;
            }
            if (header == HEADER_LENGTH && left == 0) {
                header = 0;
                recordsOfTurn++;
            }
        }
        return at;
    }

    private void keepFrom(ByteBuffer bytes, int end) {
        int count = bytes.position() - end;
        if (count == 0) {
            return;
        }
        ByteBuffer rest = ByteBuffer.allocate(count + kept.remaining());
        rest.put(bytes.slice(end, count)).put(kept);
        kept = rest.flip();
        bytes.position(end);
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        return socket.write(source);
    }

    @Override
    public boolean isOpen() {
        return socket.isOpen();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
