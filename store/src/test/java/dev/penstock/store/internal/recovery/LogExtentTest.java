package dev.penstock.store.internal.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.store.internal.format.SegmentHeader;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Where a log begins, as the headers of its segments say. */
class LogExtentTest {

    private final NavigableMap<Long, SegmentHeader> headers = new TreeMap<>();

    @Test
    void theHeaderOfASegmentSaysWhereTheLogBegan() {
        header(3, 1);
        header(5, 2);
        assertEquals(OptionalLong.of(2), LogExtent.begin(headers, 5));
        assertEquals(OptionalLong.of(1), LogExtent.begin(headers, 3));
    }

    @Test
    void ofASegmentWithoutAHeaderTheNearestEarlierOneSaysIt() {
        header(3, 1);
        header(7, 6);
        assertEquals(OptionalLong.of(1), LogExtent.begin(headers, 5));
        assertEquals(OptionalLong.of(6), LogExtent.begin(headers, Long.MAX_VALUE));
    }

    @Test
    void noEarlierHeaderSaysNothing() {
        header(3, 1);
        assertEquals(OptionalLong.empty(), LogExtent.begin(headers, 2));
    }

    private void header(long number, long first) {
        headers.put(number, new SegmentHeader(new UUID(1, 2), SegmentHeader.LOG, number, first, 0, 4096));
    }
}
