package dev.penstock.store.internal.index;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.store.internal.format.RecordLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class RecordProbeTest {

    @Test
    void noKeyIsComparedBeyondTheLongestThatTheMemoryBehindASegmentHolds() {
        for (int length : new int[] {RecordLayout.MAX_KEY_LENGTH, RecordLayout.MAX_KEY_LENGTH + 1, (1 << 24) - 1}) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment record = arena.allocate(RecordLayout.KEY_OFFSET + (long) length, 8);
                int commitWord = RecordLayout.commitWord(RecordLayout.VALUE, length);
                assertEquals(
                        length <= RecordLayout.MAX_KEY_LENGTH,
                        RecordProbe.matches(record.address(), commitWord, new byte[length], 0, length),
                        "a key of " + length);
            }
        }
    }
}
