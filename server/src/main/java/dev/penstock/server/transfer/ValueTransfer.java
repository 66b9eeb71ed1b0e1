package dev.penstock.server.transfer;

import dev.penstock.server.TransferMode;
import dev.penstock.store.ValueView;
import dev.penstock.store.transfer.SplicePipe;
import dev.penstock.store.transfer.ValueFrame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Sends a value, or a part of it, from its file. It owns the view, and so keeps the value's lease until the kernel has
 * the last byte; a value that is overwritten or deleted meanwhile is sent unchanged.
 *
 * <p>Each stretch uses the mode that is set when its turn comes, or the next best if that mode is not available. The
 * event loop never waits for the disk: a stretch that is not in memory is read by a {@link DiskReaders} thread first,
 * and the transfer {@link #isWaiting} until then. The lease lasts until the last read has ended, too.
 *
 * <p>Event-loop thread only.
 */
final class ValueTransfer implements OutputPiece {

    /** The objects of a view, its lease and this. */
    static final int MEMORY_LENGTH = 512;

    private final ValueView view;
    private final ValueFrame frame;
    private final long sequence;
    private final long start;
    private final long end;
    private final TransferContext transfers;
    private final TransferCounts counts;
    private final Runnable resume;
    private long offset;
    private boolean gathering; // it takes several turns

    private @Nullable TransferReadAhead readAhead;
    private @Nullable DirectRead direct;
    private boolean directRefused;
    private @Nullable SplicePipe pipe;
    private boolean spliceRefused;

    private int reads;
    private boolean waiting;
    private volatile boolean released;

    private ValueTransfer(
            ValueView view,
            ValueFrame frame,
            long offset,
            long end,
            TransferContext transfers,
            TransferCounts counts,
            Runnable resume) {
        this.view = view;
        this.frame = frame;
        this.sequence = view.version();
        this.start = offset;
        this.offset = offset;
        this.end = end;
        this.transfers = transfers;
        this.counts = counts;
        this.resume = resume;
    }

    /**
     * The whole reply-ready frame: length line, value, line end.
     *
     * @param resume called when the transfer need not wait any longer
     */
    static ValueTransfer ofFrame(ValueView view, TransferContext transfers, TransferCounts counts, Runnable resume) {
        return new ValueTransfer(view, ValueFrame.of(view), 0, ValueFrame.lengthOf(view), transfers, counts, resume);
    }

    /** A part of the value alone; see {@link #ofFrame}. */
    static ValueTransfer ofPart(
            ValueView view,
            long offset,
            long length,
            TransferContext transfers,
            TransferCounts counts,
            Runnable resume) {
        ValueFrame frame = ValueFrame.of(view);
        long from = frame.prefixLength() + offset;
        return new ValueTransfer(view, frame, from, from + length, transfers, counts, resume);
    }

    @Override
    public long writeTo(Wire wire, long limit, boolean more) throws IOException {
        waiting = false;
        long length = Math.min(limit, end - offset);
        TransferMode mode = mode(wire, length);
        if (mode == null) {
            waiting = true;
            return 0;
        }
        if (!gathering && limit < end - offset) {
            gathering = true;
            wire.gather(true);
        }
        long warm = readAhead == null ? 0 : readAhead.warmLength(offset);
        long most = warm > 0 ? Math.min(warm, length) : length;
        WritableByteChannel channel = wire.channel();
        long written = switch (mode) {
            case COPY -> copy(channel, most);
            case MAPPED -> frame.writeMapped(channel, offset, most);
            case SENDFILE -> frame.transferTo(channel, offset, most);
            case SPLICE -> splice(wire.descriptor(), most);
            case DIRECT -> Objects.requireNonNull(direct).writeTo(channel, length);
            case AUTO -> throw new IllegalStateException("no way of its own");
        };
        offset += written;
        if (gathering && offset == end) {
            wire.gather(false);
        }
        counts.sent(mode, written);
        if (offset == end) {
            counts.sentValue(mode);
        }
        keepReading();
        return written;
    }

    /** How the next stretch goes; null if it has to be read first. */
    private @Nullable TransferMode mode(Wire wire, long length) throws IOException {
        if (pipe != null && pipe.content() > 0) {
            return TransferMode.SPLICE;
        }
        TransferMode wanted = transfers.settings().mode();
        if (isDirect(wanted, length)) {
            DirectRead past = Objects.requireNonNull(direct);
            past.fill(this::submit);
            return past.isReady() ? TransferMode.DIRECT : null;
        }
        if (isCold(length)) {
            TransferReadAhead ahead = Objects.requireNonNull(readAhead);
            if (!ahead.isReading()) {
                submit(ahead.begin(offset));
            }
            return null;
        }
        return switch (wanted) {
            case COPY -> TransferMode.COPY;
            case MAPPED -> TransferMode.MAPPED;
            case SPLICE -> canSplice(wire) ? TransferMode.SPLICE : byKernel(wire);
            case SENDFILE, DIRECT, AUTO -> byKernel(wire);
        };
    }

    private static TransferMode byKernel(Wire wire) {
        return wire.isPlain() ? TransferMode.SENDFILE : TransferMode.MAPPED;
    }

    /** Whether the way is past the page cache; once begun, it is kept to the end. */
    private boolean isDirect(TransferMode wanted, long length) {
        if (direct != null && direct.isUnsupported() && reads == 0) {
            direct.close();
            direct = null;
            directRefused = true;
        }
        if (direct != null) {
            return true;
        }
        if (directRefused || readAhead != null) {
            return false;
        }
        if (wanted == TransferMode.DIRECT || wanted == TransferMode.AUTO && isPassing(length)) {
            direct = DirectRead.begin(frame::readUncached, transfers.directBuffers(), offset, end);
            directRefused = direct == null;
        }
        return direct != null;
    }

    /**
     * Whether the page cache is better off without the value: a large one, most of it on the disk, that is not in
     * demand.
     */
    private boolean isPassing(long length) {
        return frame.length() >= transfers.settings().directThreshold()
                && !isResident(length)
                && !transfers.residency().isMostlyResident(frame, sequence, offset, end)
                && !transfers.bypassHistory().isAskedForAgain(sequence, start);
    }

    private boolean isCold(long length) throws IOException {
        if (readAhead != null) {
            readAhead.check();
            if (readAhead.warmLength(offset) > 0) {
                return false;
            }
        }
        if (isResident(length)) {
            return false;
        }
        if (readAhead == null) {
            readAhead = new TransferReadAhead(frame, end);
        }
        return true;
    }

    private boolean isResident(long length) {
        return transfers.residency().isResident(frame, sequence, offset, length);
    }

    /** A value of which one stretch was cold will have more of them. */
    private void keepReading() {
        if (direct != null) {
            direct.fill(this::submit);
        } else if (readAhead != null) {
            long next = readAhead.next(offset);
            if (next >= 0 && !transfers.residency().isResident(frame, sequence, next, 1)) {
                submit(readAhead.begin(next));
            }
        }
    }

    private long copy(WritableByteChannel channel, long length) throws IOException {
        OutputChunk chunk = transfers.pool().take();
        try {
            long total = 0;
            while (total < length) {
                int step = (int) Math.min(chunk.capacity(), length - total);
                int read = frame.read(offset + total, chunk.view(0, step));
                ByteBuffer bytes = chunk.view(0, read);
                total += channel.write(bytes);
                if (read == 0 || bytes.hasRemaining()) {
                    break;
                }
            }
            return total;
        } finally {
            chunk.release();
        }
    }

    private boolean canSplice(Wire wire) {
        if (pipe == null && !spliceRefused) {
            pipe = wire.isPlain() && wire.descriptor() != Wire.NO_DESCRIPTOR
                    ? transfers.pipes().take()
                    : null;
            spliceRefused = pipe == null;
        }
        return pipe != null;
    }

    private long splice(int socket, long length) throws IOException {
        SplicePipe between = Objects.requireNonNull(pipe);
        long total = 0;
        while (total < length) {
            if (between.content() == 0) {
                long moved = frame.splice(between, offset + total, length - total);
                if (moved == ValueFrame.UNSUPPORTED) {
                    spliceRefused = true;
                    givePipeBack();
                    return total;
                }
                if (moved == 0) {
                    throw new IOException("a value's file is shorter than the value");
                }
            }
            total += between.drainTo(socket, between.content());
            if (between.content() > 0) {
                break;
            }
        }
        return total;
    }

    private void givePipeBack() {
        if (pipe != null) {
            transfers.pipes().giveBack(pipe);
            pipe = null;
        }
    }

    /** Identifies the value. */
    long sequence() {
        return sequence;
    }

    /** Whether the value has to be verified before it is sent. */
    boolean isUnverified() {
        return !released && ValueFrame.isVerificationDue(view);
    }

    /** Keeps the value until {@link #letGo}, whatever becomes of this. */
    void hold() {
        reads++;
    }

    /** Any thread, while it is held. */
    void verify() {
        ValueFrame.verify(view);
    }

    void letGo() {
        reads--;
        if (released) {
            free();
        }
    }

    /** An abandoned read is skipped, but still completes. */
    private void submit(DiskReaders.ReaderJob job) {
        reads++;
        counts.diskRead();
        transfers.readers().submit(new DiskReaders.ReaderJob() {
            @Override
            public void read(ByteBuffer scratch) throws IOException {
                if (!released) {
                    job.read(scratch);
                }
            }

            @Override
            public void done(@Nullable Throwable failure) {
                job.done(failure);
                reads--;
                if (released) {
                    free();
                } else if (waiting) {
                    resume.run();
                }
            }
        });
    }

    @Override
    public boolean isWaiting() {
        return waiting;
    }

    @Override
    public long remaining() {
        return end - offset;
    }

    @Override
    public int release() {
        released = true;
        free();
        return MEMORY_LENGTH;
    }

    private void free() {
        if (reads > 0) {
            return;
        }
        givePipeBack();
        if (direct != null) {
            direct.close();
            direct = null;
        }
        view.close();
    }
}
