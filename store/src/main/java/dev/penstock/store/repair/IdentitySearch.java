package dev.penstock.store.repair;

import dev.penstock.store.CorruptionException;
import dev.penstock.store.FormatVersionException;
import dev.penstock.store.NotAStoreException;
import dev.penstock.store.internal.format.CheckpointHeader;
import dev.penstock.store.internal.format.Checksum;
import dev.penstock.store.internal.format.FileNames;
import dev.penstock.store.internal.format.Identity;
import dev.penstock.store.internal.format.Limits;
import dev.penstock.store.internal.format.RecordHeader;
import dev.penstock.store.internal.format.RecordLayout;
import dev.penstock.store.internal.format.SegmentHeader;
import dev.penstock.store.internal.io.DiskDirectory;
import dev.penstock.store.internal.io.DiskFile;
import dev.penstock.store.internal.recovery.StoreCreation;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.stream.IntStream;

/**
 * Finds out which store a directory holds when its file {@code STORE} may be lost. Each file has a header that names
 * the store: the majority decides. The segment size is in no other file, but the checksum of a record depends on it: of
 * all possible sizes one makes the checksums right.
 *
 * <p>One thread.
 */
final class IdentitySearch {

    /** What is read of a segment to find its records. */
    private static final int SAMPLE_LENGTH = 1 << 20;

    private static final int SAMPLED_FILES = 64;
    private static final int ENOUGH_RECORDS = 16;
    /** A longer header has a long key. */
    private static final int LONG_HEADER = 1024;
    /** Bytes of long headers that are compared with their checksums in one segment. */
    private static final long MOST_LONG_BYTES = 64L << 20;

    private static final int DEFAULT_SEGMENT_SHIFT = 26;

    private final DiskDirectory place;

    IdentitySearch(DiskDirectory place) {
        this.place = place;
    }

    /**
     * Returns the identity of the store.
     *
     * @throws NotAStoreException if the directory holds no file of a store
     * @throws FormatVersionException if another version made it
     * @throws CorruptionException if no file says which store it belongs to
     */
    Identity find() throws IOException {
        List<String> names = place.list().stream().sorted().toList();
        if (names.stream().noneMatch(IdentitySearch::isOfStore)) {
            throw new NotAStoreException(place.path() + " holds no file of a Penstock store");
        }
        Optional<Identity> own = readStoreFile(names);
        Map<UUID, Long> votes = new HashMap<>();
        own.ifPresent(identity -> votes.merge(identity.storeId(), 1L, Long::sum));
        for (String name : names) {
            ownerOf(name).ifPresent(storeId -> votes.merge(storeId, 1L, Long::sum));
        }
        UUID storeId = votes.entrySet().stream()
                .max(Map.Entry.<UUID, Long>comparingByValue()
                        .thenComparing(
                                vote -> own.isPresent() && own.get().storeId().equals(vote.getKey())))
                .map(Map.Entry::getKey)
                .orElseThrow(() -> new CorruptionException(
                        Identity.FILE_NAME,
                        0,
                        "neither this file nor the header of any other one says which store the files belong to:"
                                + " nothing can be salvaged"));
        return own.filter(identity -> identity.storeId().equals(storeId))
                .orElseGet(() -> new Identity(storeId, segmentShift(storeId, names)));
    }

    private static boolean isOfStore(String name) {
        return name.equals(Identity.FILE_NAME)
                || FileNames.segmentNumber(name, FileNames.LOG_SUFFIX).isPresent()
                || FileNames.segmentNumber(name, FileNames.LARGE_VALUE_SUFFIX).isPresent();
    }

    /** What {@code STORE} says. A sound file of another version ends the search, a damaged one does not. */
    private Optional<Identity> readStoreFile(List<String> names) throws IOException {
        if (!names.contains(Identity.FILE_NAME)) {
            return Optional.empty();
        }
        try {
            return Optional.of(new StoreCreation(place).read());
        } catch (FormatVersionException other) {
            byte[] bytes = head(Identity.FILE_NAME, Identity.LENGTH);
            ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            int end = Identity.LENGTH - Integer.BYTES;
            if (buffer.getInt(end) == new Checksum().of(bytes, 0, end)) {
                throw other;
            }
            return Optional.empty();
        } catch (CorruptionException | NotAStoreException | IOException damaged) {
            return Optional.empty();
        }
    }

    /** Which store a file says that it belongs to. */
    private Optional<UUID> ownerOf(String name) {
        try {
            if (name.equals(CheckpointHeader.FILE_NAME)) {
                return CheckpointHeader.storeIdIn(head(name, CheckpointHeader.LENGTH));
            }
            return isOfStore(name) ? SegmentHeader.storeIdIn(head(name, SegmentHeader.LENGTH)) : Optional.empty();
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    private byte[] head(String name, int length) throws IOException {
        byte[] bytes = new byte[length];
        try (DiskFile file = place.open(name, false)) {
            file.read(ByteBuffer.wrap(bytes), 0);
        }
        return bytes;
    }

    private int segmentShift(UUID storeId, List<String> names) {
        long[] votes = new long[Identity.MAX_SEGMENT_SHIFT + 1];
        long salt = new Identity(storeId, DEFAULT_SEGMENT_SHIFT).salt();
        int left = SAMPLED_FILES;
        for (String name : names) {
            OptionalLong number = FileNames.segmentNumber(name, FileNames.LOG_SUFFIX);
            if (number.isPresent() && left-- > 0) {
                try {
                    vote(number.getAsLong(), head(name, SAMPLE_LENGTH), salt, votes);
                } catch (IOException unreadable) {
                    // Others tell.
                }
            }
        }
        int best = IntStream.rangeClosed(Identity.MIN_SEGMENT_SHIFT, Identity.MAX_SEGMENT_SHIFT)
                .boxed()
                .max(Comparator.comparingLong(shift -> votes[shift]))
                .orElseThrow();
        return votes[best] == 0 ? DEFAULT_SEGMENT_SHIFT : best;
    }

    /**
     * Counts, for each segment size, how many sound records the beginning of a segment has. The time is bounded,
     * whatever the bytes are: headers with long keys are passed over after very many bytes that look like one.
     */
    private static void vote(long number, byte[] sample, long salt, long[] votes) {
        MemorySegment memory = MemorySegment.ofArray(sample);
        ByteBuffer words = ByteBuffer.wrap(sample).order(ByteOrder.LITTLE_ENDIAN);
        RecordHeader header = new RecordHeader();
        int found = 0;
        long longBytes = 0;
        for (int at = SegmentHeader.LENGTH;
                at + RecordLayout.BARE_LENGTH <= sample.length && found < ENOUGH_RECORDS;
                at += RecordLayout.RECORD_ALIGNMENT) {
            int commitWord = words.getInt(at);
            int headerLength = RecordLayout.headerLength(commitWord);
            if (commitWord == 0 || !RecordLayout.isPossible(commitWord) || headerLength > sample.length - at) {
                continue;
            }
            if (headerLength > LONG_HEADER) {
                longBytes += headerLength;
                if (longBytes > MOST_LONG_BYTES) {
                    continue;
                }
            }
            header.load(memory, at, commitWord);
            found += vote(number, at, header.impliedSalt(), salt, votes);
        }
    }

    /** Counts a record for the segment sizes with which its checksum is right; returns how many there are. */
    private static int vote(long number, int at, int impliedSalt, long salt, long[] votes) {
        int found = 0;
        for (int shift = Identity.MIN_SEGMENT_SHIFT; shift <= Identity.MAX_SEGMENT_SHIFT; shift++) {
            if (number <= Limits.lastSegment(shift) && impliedSalt == Checksum.salt(salt, (number << shift) + at)) {
                votes[shift]++;
                found++;
            }
        }
        return found;
    }
}
