package dev.penstock.tools.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArrivalScheduleTest {

    private static final long SECOND = 1_000_000_000L;

    @ParameterizedTest
    @CsvSource({"1000,1", "1000,3", "777,2", "3.5,4", "1234567.8,2"})
    void theWorkersTogetherHaveTheRate(double rate, int workers) {
        List<Long> dues = new ArrayList<>();
        long counted = 0;
        for (int worker = 0; worker < workers; worker++) {
            ArrivalSchedule schedule = new ArrivalSchedule(5 * SECOND, 6 * SECOND, 8 * SECOND, rate, worker, workers);
            long end = schedule.countBefore(8 * SECOND);
            assertTrue(schedule.due(end) >= 8 * SECOND && (end == 0 || schedule.due(end - 1) < 8 * SECOND));
            counted += schedule.measuredCount();
            for (long number = 0; number < Math.min(end, 10_000); number++) {
                dues.add(schedule.due(number));
            }
        }
        assertEquals(2 * rate, (double) counted, 1);
        dues.sort(null);
        for (int i = 0; i < 1000 && i < dues.size(); i++) {
            assertEquals(5 * SECOND + (double) i * SECOND / rate, dues.get(i), 1);
        }
    }

    @Test
    void nothingIsDueBeforeTheStart() {
        ArrivalSchedule schedule = new ArrivalSchedule(5 * SECOND, 5 * SECOND, 6 * SECOND, 10, 0, 1);
        assertEquals(0, schedule.countBefore(0));
        assertEquals(0, schedule.countBefore(5 * SECOND));
        assertEquals(1, schedule.countBefore(5 * SECOND + 1));
        assertEquals(10, schedule.measuredCount());
    }
}
