package dev.penstock.bench.instructions;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.agrona.collections.Long2LongHashMap;

/**
 * The instructions that a thread executed in whole iterations of its loop.
 *
 * @param iterations how many iterations were stepped through
 * @param instructions how many instructions they took together
 * @param medianPerIteration the median of the iterations
 * @param usualIterations those that took at most twice the median: the others meet something rare, such as a new
 *     segment, and take up to a thousand times as long
 * @param visits how often the usual iterations executed each address
 */
record InstructionCount(
        int iterations, long instructions, double medianPerIteration, int usualIterations, Map<Long, Long> visits) {

    private static final int MOST_STEPS_PER_ITERATION = 2_000_000;

    /** Instructions of one iteration on average. */
    double perIteration() {
        return instructions / (double) iterations;
    }

    /**
     * Steps a thread through whole iterations of an endless loop, each of which adds one to a word of memory. The word
     * is read after each step: a compiler that unrolls the loop, peels its first iteration off or replaces its code
     * changes nothing. The iteration that the thread is in at first is not counted. An instruction that repeats itself,
     * as {@code rep movsb} does, counts as one.
     *
     * @param counter address of the word
     * @throws IOException if the word does not change for a very long time
     */
    static InstructionCount of(SteppedThread thread, long counter, int iterations) throws IOException {
        List<Long2LongHashMap> visits = new ArrayList<>();
        int[] perIteration = new int[iterations];
        long instructions = 0;
        long count = thread.readWord(counter);
        long last = 0;
        int steps = 0;
        for (int done = -1; done < iterations; ) {
            long next = thread.step();
            if (done >= 0 && next != last) {
                perIteration[done]++;
                instructions++;
                visits.getLast().put(next, visits.getLast().get(next) + 1);
            }
            last = next;
            long now = thread.readWord(counter);
            if (now != count) {
                count = now;
                done++;
                steps = 0;
                visits.add(new Long2LongHashMap(0));
            } else if (++steps > MOST_STEPS_PER_ITERATION) {
                throw new IOException("no iteration ended within " + MOST_STEPS_PER_ITERATION + " instructions");
            }
        }
        int[] sorted = perIteration.clone();
        Arrays.sort(sorted);
        int median = sorted[iterations / 2];
        Long2LongHashMap usual = new Long2LongHashMap(0);
        int usualCount = 0;
        for (int i = 0; i < iterations; i++) {
            if (perIteration[i] <= 2L * median) {
                usualCount++;
                visits.get(i).forEachLong((address, times) -> usual.put(address, usual.get(address) + times));
            }
        }
        return new InstructionCount(iterations, instructions, median, usualCount, usual);
    }
}
