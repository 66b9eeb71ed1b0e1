package dev.penstock.store.internal.checkpoint;

import dev.penstock.store.internal.format.CheckpointHeader;
import dev.penstock.store.internal.format.Checksum;
import dev.penstock.store.internal.index.DirectoryPages;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.index.StripeShape;
import dev.penstock.store.internal.io.DiskFile;
import dev.penstock.store.internal.io.Mappings;
import dev.penstock.store.internal.io.NativeMemory;
import dev.penstock.store.internal.io.Uninterrupted;
import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The image in a checkpoint. The file is mapped privately, and is the key directory's memory until {@link
 * DirectoryMigration} has moved the directory. Until then only pages that are stored to are copied, and the file itself
 * never changes. First, two threads compare every page with its checksum.
 */
public final class StoredImage implements Closeable {

    /** Pages that a thread checks at a time. */
    private static final int PIECE_PAGES = 512;
    /** Pages copied to the heap at a time; see {@link Checksum} for why they are. */
    private static final int BOUNCE_PAGES = 16;

    private final DiskFile file;
    private final CheckpointHeader header;
    private final CheckpointTable table;

    /** A part of a chunk, to be checked. */
    private record Piece(ImageRegion region, MemorySegment memory, int fromPage, int toPage) {}

    StoredImage(DiskFile file, CheckpointHeader header, CheckpointTable table) {
        this.file = file;
        this.header = header;
        this.table = table;
    }

    public CheckpointHeader header() {
        return header;
    }

    public CheckpointState state() {
        return table.state();
    }

    /**
     * Fills a key directory that nobody uses yet; false, with nothing changed, if the image is not what was written.
     */
    public boolean load(KeyDirectory keys) throws IOException {
        Arena mapped = Arena.ofShared();
        boolean filled = false;
        try {
            List<MemorySegment> chunks = map(mapped);
            if (chunks.isEmpty()) {
                return fill(keys, read(keys));
            }
            filled = fill(keys, chunks);
        } finally {
            if (filled) {
                keys.adoptedFrom(mapped);
            } else {
                Mappings.close(mapped);
            }
        }
        return filled;
    }

    private boolean fill(KeyDirectory keys, List<MemorySegment> chunks) {
        List<Piece> pieces = new ArrayList<>();
        for (int i = 0; i < chunks.size(); i++) {
            ImageRegion region = table.regions().get(i);
            for (int page = 0; page < region.pageCount(); page += PIECE_PAGES) {
                int end = Math.min(page + PIECE_PAGES, region.pageCount());
                pieces.add(new Piece(region, chunks.get(i), page, end));
            }
        }
        if (!areSound(pieces)) {
            return false;
        }
        for (int i = 0; i < chunks.size(); i++) {
            ImageRegion region = table.regions().get(i);
            keys.adopt(region.ofOverflow, region.chunk, chunks.get(i));
        }
        List<StripeShape> shapes = new ArrayList<>();
        for (CheckpointState.StripeState stripe : state().stripes()) {
            shapes.add(stripe.shape());
        }
        keys.restore(shapes);
        return true;
    }

    /** The memory of each region; none if the file cannot be mapped. */
    private List<MemorySegment> map(Arena arena) throws IOException {
        ImageRegion last = table.regions().getLast();
        MemorySegment memory = file.mapPrivate(last.offset + last.length(), arena);
        if (memory == null) {
            return List.of();
        }
        List<MemorySegment> chunks = new ArrayList<>();
        for (ImageRegion region : table.regions()) {
            chunks.add(memory.asSlice(region.offset, region.length()));
        }
        return chunks;
    }

    /** The same in memory that the regions are read into. */
    private List<MemorySegment> read(KeyDirectory keys) throws IOException {
        List<MemorySegment> chunks = new ArrayList<>();
        for (ImageRegion region : table.regions()) {
            MemorySegment memory = keys.allocateChunk(region.ofOverflow, region.chunk);
            long length = (long) region.pageCount() * DirectoryPages.PAGE_LENGTH;
            for (long done = 0; done < length; done += DirectoryPages.ROW_LENGTH) {
                file.read(memory.asSlice(done, DirectoryPages.ROW_LENGTH).asByteBuffer(), region.offset + done);
            }
            chunks.add(memory);
        }
        return chunks;
    }

    private static boolean areSound(List<Piece> pieces) {
        PieceCheck check = new PieceCheck(pieces);
        Thread second = new Thread(check, "penstock-open");
        if (pieces.size() > 1) {
            second.start();
        }
        check.run();
        Uninterrupted.join(second);
        return check.sound.get();
    }

    /** Compares pieces, on as many threads as run it. */
    private static final class PieceCheck implements Runnable {

        private final List<Piece> pieces;
        private final AtomicInteger next = new AtomicInteger();
        final AtomicBoolean sound = new AtomicBoolean(true);

        PieceCheck(List<Piece> pieces) {
            this.pieces = pieces;
        }

        @Override
        public void run() {
            Checksum checksum = new Checksum();
            byte[] bounce = new byte[BOUNCE_PAGES * DirectoryPages.PAGE_LENGTH];
            for (int i = next.getAndIncrement(); i < pieces.size() && sound.get(); i = next.getAndIncrement()) {
                if (!isSound(pieces.get(i), checksum, bounce)) {
                    sound.set(false);
                }
            }
        }
    }

    private static boolean isSound(Piece piece, Checksum checksum, byte[] bounce) {
        long offset = (long) piece.fromPage() * DirectoryPages.PAGE_LENGTH;
        long length = (long) (piece.toPage() - piece.fromPage()) * DirectoryPages.PAGE_LENGTH;
        NativeMemory.populateForReading(piece.memory(), offset, length);
        try {
            for (int first = piece.fromPage(); first < piece.toPage(); first += BOUNCE_PAGES) {
                int count = Math.min(BOUNCE_PAGES, piece.toPage() - first);
                MemorySegment.copy(
                        piece.memory(),
                        ValueLayout.JAVA_BYTE,
                        (long) first * DirectoryPages.PAGE_LENGTH,
                        bounce,
                        0,
                        count * DirectoryPages.PAGE_LENGTH);
                for (int i = 0; i < count; i++) {
                    int found = checksum.of(bounce, i * DirectoryPages.PAGE_LENGTH, DirectoryPages.PAGE_LENGTH);
                    if (found != piece.region().checksum(first + i)) {
                        return false;
                    }
                }
            }
            return true;
        } catch (InternalError unreadable) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
