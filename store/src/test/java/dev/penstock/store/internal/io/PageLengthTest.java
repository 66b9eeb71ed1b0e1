package dev.penstock.store.internal.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.penstock.store.StoreTest;
import dev.penstock.store.TestJvm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kernels have pages of 4, 16 or 64 KiB. What is handed to them begins with a page, and the store works on each. */
class PageLengthTest {

    private static String output(List<String> command, int exitCode) throws IOException, InterruptedException {
        Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(exitCode, child.waitFor(), output);
            return output;
        } finally {
            child.destroyForcibly();
        }
    }

    @Test
    void theLengthThatIsProbedIsTheKernels() throws Exception {
        assumeTrue(Posix.isAvailable(), "skipped: no system calls");
        assertEquals(output(List.of("getconf", "PAGESIZE"), 0).strip(), String.valueOf(PosixMemory.pageLength()));
    }

    @ParameterizedTest
    @ValueSource(longs = {4 << 10, 16 << 10, 64 << 10})
    void aSpanHasWholePagesAndCoversWhatIsMeant(long page) {
        long base = 0x7f00_0000_0000L;
        for (long address : new long[] {base, base + 1, base + 4096, base + page - 1, base + page}) {
            for (long length : new long[] {1, 4096, page - 1, page, page + 1, 10 * page}) {
                PageSpan span = PageSpan.of(address, length, page);
                assertEquals(0, span.begin() % page);
                assertEquals(0, span.length() % page);
                assertTrue(span.begin() <= address && span.begin() + page > address);
                long end = span.begin() + span.length();
                assertTrue(end >= address + length && end - page < address + length);
                assertEquals(span.length() / page, span.pageCount(page));
            }
        }
    }

    /**
     * Calls are refused as the kernel of such pages would do: segments, buckets and large values are all aligned. What
     * begins with a page of 64 KiB begins with one of 16 KiB, too.
     */
    @Tag("slow")
    @Test
    void aStoreWorksOnLongerPages() throws Exception {
        assumeTrue(Posix.isAvailable(), "skipped: no system calls");
        output(
                TestJvm.command(
                        "-Dpenstock.pageLength=" + (64 << 10),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ChosenTests.class.getName(),
                        StoreTest.class.getName(),
                        "dev.penstock.store.internal.segment.LargeMappingsTest"),
                0);
    }

    @ParameterizedTest
    @ValueSource(longs = {16 << 10, 64 << 10})
    void aRangeBeginsWithAPageAndSoDoesEverySegmentInIt(long page) {
        assumeTrue(ReadableRange.isAvailable(), "skipped: no readable ranges");
        for (int shift = 20; shift <= 26; shift++) {
            ReadableRange range = ReadableRange.reserve(1L << shift);
            assertEquals(0, range.address() % page);
            range.release();
        }
    }
}
