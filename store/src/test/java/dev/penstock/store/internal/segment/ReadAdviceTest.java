package dev.penstock.store.internal.segment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.penstock.store.internal.background.AgentThread;
import dev.penstock.store.internal.io.SystemDisk;
import dev.penstock.store.internal.reclaim.Reclaimer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log that is larger than memory is read page by page where it is read at random, and a smaller one is not. */
class ReadAdviceTest {

    private static final int SEGMENT_SHIFT = 20;
    private static final long USED_LENGTH = 1_000_000;

    @TempDir
    Path directory;

    private final SegmentSet segments = new SegmentSet(SEGMENT_SHIFT);
    private final AtomicLong memory = new AtomicLong();
    private final ReadAdvice advice = new ReadAdvice(segments, memory::getAcquire, 0);

    @BeforeEach
    void makeThreeSegments() throws IOException {
        assumeTrue(Files.isReadable(Path.of("/proc/self/smaps")), "no /proc");
        Reclaimer reclaimer = new Reclaimer(new AgentThread("never started"));
        SegmentFactory factory =
                new SegmentFactory(new SystemDisk().openDirectory(directory), new UUID(3, 4), SEGMENT_SHIFT, reclaimer);
        for (int i = 0; i < 3; i++) {
            Segment segment = factory.create(0, 0);
            segment.usedLength(USED_LENGTH);
            segments.add(segment);
        }
    }

    @AfterEach
    void unmap() {
        segments.logSegments().forEach(Segment::close);
    }

    @Test
    void aLogThatFitsInMemoryIsReadTogetherWithItsSurroundings() throws IOException {
        memory.setRelease(10 * USED_LENGTH);
        advice.give(segments.newestNumber());
        assertEquals(List.of(), readPageByPage());
    }

    @Test
    void aLogThatDoesNotFitIsReadPageByPageButForTheSegmentThatIsAppendedTo() throws IOException {
        memory.setRelease(2 * USED_LENGTH);
        advice.give(segments.newestNumber());
        assertEquals(List.of(name(0), name(1)), readPageByPage());
    }

    @Test
    void aLogThatFitsAgainIsReadTogetherWithItsSurroundingsAgain() throws IOException {
        memory.setRelease(2 * USED_LENGTH);
        advice.give(segments.newestNumber());
        memory.setRelease(10 * USED_LENGTH);
        advice.give(segments.newestNumber());
        assertEquals(List.of(), readPageByPage());
    }

    @Test
    void aSmallLogIsTakenToFit() throws IOException {
        new ReadAdvice(segments, () -> 1, 100 * USED_LENGTH).give(ReadAdvice.NONE);
        assertEquals(List.of(), readPageByPage());
    }

    private String name(int index) {
        return segments.logSegments().get(index).name();
    }

    /** Names of the files that are mapped with the flag for random reads. */
    private List<String> readPageByPage() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/smaps"))) {
            String[] file = {""};
            return lines.filter(line -> {
                        if (line.matches("^[0-9a-f]+-[0-9a-f]+ .*")) {
                            file[0] = line.contains(directory.toString()) ? line.replaceFirst(".*/", "") : "";
                        }
                        return !file[0].isEmpty() && line.startsWith("VmFlags:") && line.matches(".* rr( .*|$)");
                    })
                    .map(line -> file[0])
                    .sorted()
                    .toList();
        }
    }
}
