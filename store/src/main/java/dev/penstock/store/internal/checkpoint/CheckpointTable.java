package dev.penstock.store.internal.checkpoint;

import dev.penstock.store.internal.checkpoint.CheckpointState.ReferenceState;
import dev.penstock.store.internal.checkpoint.CheckpointState.SegmentState;
import dev.penstock.store.internal.checkpoint.CheckpointState.StripeState;
import dev.penstock.store.internal.format.CheckpointHeader;
import dev.penstock.store.internal.format.Limits;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.index.AppliedMark;
import dev.penstock.store.internal.index.DirectoryPages;
import dev.penstock.store.internal.index.KeyDirectory;
import dev.penstock.store.internal.index.StripeShape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.collections.LongArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The table at the end of a checkpoint: 8-byte numbers, see docs/reference/format.md. A reader trusts no number,
 * although the checksum matched: each must be possible by itself and with the others.
 */
final class CheckpointTable {

    /** A number in a table is not possible. */
    static final class ImpossibleException extends Exception {
        private static final long serialVersionUID = 1L;

        ImpossibleException(String what) {
            super(what);
        }
    }

    private static final int SLOTS_PER_BUCKET =
            DirectoryPages.PAGE_LENGTH / DirectoryPages.BUCKETS_PER_PAGE / Long.BYTES;
    private static final int MAX_BUCKETS = 1 << 30;

    private final CheckpointState state;
    private final List<ImageRegion> regions;

    CheckpointTable(CheckpointState state, List<ImageRegion> regions) {
        this.state = state;
        this.regions = regions;
    }

    CheckpointState state() {
        return state;
    }

    List<ImageRegion> regions() {
        return regions;
    }

    // --- writing ---

    byte[] encode() {
        LongArrayList numbers = new LongArrayList();
        numbers.addLong(state.segments().size());
        for (SegmentState segment : state.segments()) {
            numbers.addLong(segment.number());
            numbers.addLong(segment.usedLength());
            numbers.addLong(segment.earliestExpiry());
            for (long live : segment.liveBytes()) {
                numbers.addLong(live);
            }
        }
        numbers.addLong(state.references().size());
        for (ReferenceState reference : state.references()) {
            numbers.addLong(reference.number());
            numbers.addLong(reference.position());
        }
        for (StripeState stripe : state.stripes()) {
            numbers.addLong(stripe.replayFrom());
            numbers.addLong(stripe.shape().bucketCount());
            numbers.addLong(stripe.shape().overflowCount());
            numbers.addLong(stripe.shape().keyCount());
            numbers.addLong(stripe.shape().expiringCount());
            numbers.addLong(stripe.shape().freeOverflow().length);
            for (int free : stripe.shape().freeOverflow()) {
                numbers.addLong(free);
            }
        }
        encode(state.mark(), numbers);
        numbers.addLong(regions.size());
        for (ImageRegion region : regions) {
            numbers.addLong(region.ofOverflow ? 1 : 0);
            numbers.addLong(region.chunk);
            numbers.addLong(region.rowCount());
            for (int page = 0; page < region.pageCount(); page += 2) {
                numbers.addLong(region.checksum(page) & 0xFFFF_FFFFL | (long) region.checksum(page + 1) << 32);
            }
        }
        ByteBuffer bytes = ByteBuffer.allocate(numbers.size() * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        numbers.forEachLong(bytes::putLong);
        return bytes.array();
    }

    private static void encode(@Nullable AppliedMark mark, LongArrayList numbers) {
        if (mark == null) {
            numbers.addLong(0);
            return;
        }
        byte[] bytes = mark.bytes();
        numbers.addLong(mark.position());
        numbers.addLong(bytes.length);
        ByteBuffer padded = ByteBuffer.wrap(Arrays.copyOf(bytes, RecordLayout.MAX_MARK_LENGTH))
                .order(ByteOrder.LITTLE_ENDIAN);
        while (padded.hasRemaining()) {
            numbers.addLong(padded.getLong());
        }
    }

    // --- reading ---

    /**
     * Reads a table that {@link #encode} made.
     *
     * @param imageLength bytes between the beginning of the image and the table
     */
    static CheckpointTable decode(byte[] bytes, long imageLength, long durablePosition, int segmentShift)
            throws ImpossibleException {
        return new Reader(bytes).read(imageLength, durablePosition, segmentShift);
    }

    private static final class Reader {

        private final ByteBuffer bytes;

        Reader(byte[] bytes) {
            this.bytes = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        }

        CheckpointTable read(long imageLength, long durablePosition, int segmentShift) throws ImpossibleException {
            List<SegmentState> segments = readSegments(durablePosition, segmentShift);
            List<ReferenceState> references = readReferences(durablePosition);
            List<StripeState> stripes = readStripes(durablePosition);
            AppliedMark mark = readMark(durablePosition);
            List<ImageRegion> regions = readRegions(imageLength);
            require(!bytes.hasRemaining(), "numbers after the table");
            for (StripeState stripe : stripes) {
                require(hasPages(regions, false, stripe.shape().pageCount()), "buckets that are not in the image");
                require(
                        hasPages(regions, true, stripe.shape().overflowPageCount()),
                        "overflow that is not in the image");
            }
            return new CheckpointTable(new CheckpointState(segments, references, stripes, mark), regions);
        }

        private List<SegmentState> readSegments(long durablePosition, int segmentShift) throws ImpossibleException {
            List<SegmentState> segments = new ArrayList<>();
            long previous = 0;
            for (long left = count(); left > 0; left--) {
                long number = next(previous + 1, durablePosition >>> segmentShift);
                long usedLength = next(SegmentHeader.LENGTH, 1L << segmentShift);
                long earliestExpiry = next(0, Long.MAX_VALUE);
                long[] liveBytes = new long[KeyDirectory.STRIPE_COUNT];
                for (int stripe = 0; stripe < liveBytes.length; stripe++) {
                    liveBytes[stripe] = next(0, 1L << segmentShift);
                }
                segments.add(new SegmentState(number, usedLength, earliestExpiry, liveBytes));
                previous = number;
            }
            return segments;
        }

        private List<ReferenceState> readReferences(long durablePosition) throws ImpossibleException {
            List<ReferenceState> references = new ArrayList<>();
            for (long left = count(); left > 0; left--) {
                references.add(new ReferenceState(next(1, Limits.LAST_VALUE), position(durablePosition)));
            }
            return references;
        }

        private List<StripeState> readStripes(long durablePosition) throws ImpossibleException {
            List<StripeState> stripes = new ArrayList<>();
            for (int stripe = 0; stripe < KeyDirectory.STRIPE_COUNT; stripe++) {
                long replayFrom = position(durablePosition);
                int bucketCount = (int) next(DirectoryPages.BUCKETS_PER_PAGE, MAX_BUCKETS);
                int overflowCount = (int) next(0, MAX_BUCKETS);
                long keyCount = next(0, ((long) bucketCount + overflowCount) * SLOTS_PER_BUCKET);
                long expiringCount = next(0, keyCount);
                int[] free = new int[(int) Math.min(count(), overflowCount)];
                for (int i = 0; i < free.length; i++) {
                    free[i] = (int) next(0, overflowCount - 1L);
                }
                requireDistinct(free);
                stripes.add(new StripeState(
                        replayFrom, new StripeShape(bucketCount, overflowCount, keyCount, expiringCount, free)));
            }
            return stripes;
        }

        private @Nullable AppliedMark readMark(long durablePosition) throws ImpossibleException {
            long position = next(0, durablePosition);
            if (position == 0) {
                return null;
            }
            require(
                    position >= SegmentHeader.LENGTH && position % RecordLayout.RECORD_ALIGNMENT == 0,
                    "a mark between records");
            int length = (int) next(1, RecordLayout.MAX_MARK_LENGTH);
            require(bytes.remaining() >= RecordLayout.MAX_MARK_LENGTH, "too few numbers");
            byte[] mark = new byte[RecordLayout.MAX_MARK_LENGTH];
            bytes.get(mark);
            return AppliedMark.of(Arrays.copyOf(mark, length), position);
        }

        private static void requireDistinct(int[] numbers) throws ImpossibleException {
            int[] sorted = numbers.clone();
            Arrays.sort(sorted);
            for (int i = 1; i < sorted.length; i++) {
                require(sorted[i] != sorted[i - 1], "a bucket that is free twice");
            }
        }

        private List<ImageRegion> readRegions(long imageLength) throws ImpossibleException {
            List<ImageRegion> regions = new ArrayList<>();
            long offset = CheckpointHeader.IMAGE_OFFSET;
            for (long left = count(); left > 0; left--) {
                boolean ofOverflow = next(0, 1) == 1;
                int chunk = (int) next(0, DirectoryPages.CHUNK_COUNT - 1L);
                require(find(regions, ofOverflow, chunk) == null, "a chunk that is there twice");
                int rowCount = (int) next(1, DirectoryPages.rowCount(chunk));
                require(
                        (long) rowCount * KeyDirectory.STRIPE_COUNT * Integer.BYTES <= bytes.remaining(),
                        "more pages than checksums");
                ImageRegion region = new ImageRegion(ofOverflow, chunk, offset, rowCount);
                region.checksums(bytes.asIntBuffer(), rowCount);
                bytes.position(bytes.position() + region.pageCount() * Integer.BYTES);
                regions.add(region);
                offset += region.length();
            }
            require(offset == CheckpointHeader.IMAGE_OFFSET + imageLength, "an image of another length");
            return regions;
        }

        private static boolean hasPages(List<ImageRegion> regions, boolean ofOverflow, int pageCount) {
            for (int chunk = 0; pageCount > 0 && chunk <= DirectoryPages.chunk(pageCount - 1); chunk++) {
                ImageRegion region = find(regions, ofOverflow, chunk);
                int rows = Math.min(pageCount - DirectoryPages.firstPage(chunk), DirectoryPages.rowCount(chunk));
                if (region == null || region.rowCount() < rows) {
                    return false;
                }
            }
            return true;
        }

        private static @Nullable ImageRegion find(List<ImageRegion> regions, boolean ofOverflow, int chunk) {
            for (ImageRegion region : regions) {
                if (region.ofOverflow == ofOverflow && region.chunk == chunk) {
                    return region;
                }
            }
            return null;
        }

        private long position(long durablePosition) throws ImpossibleException {
            long position = next(SegmentHeader.LENGTH, durablePosition);
            require(position % RecordLayout.RECORD_ALIGNMENT == 0, "a position between records");
            return position;
        }

        private long count() throws ImpossibleException {
            return next(0, bytes.remaining() / Long.BYTES);
        }

        private long next(long min, long max) throws ImpossibleException {
            require(bytes.remaining() >= Long.BYTES, "too few numbers");
            long number = bytes.getLong();
            require(number >= min && number <= max, "a number out of its range");
            return number;
        }

        private static void require(boolean possible, String otherwise) throws ImpossibleException {
            if (!possible) {
                throw new ImpossibleException(otherwise);
            }
        }
    }
}
