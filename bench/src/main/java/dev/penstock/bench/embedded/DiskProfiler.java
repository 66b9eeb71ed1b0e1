package dev.penstock.bench.embedded;

import dev.penstock.bench.process.DataDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * Adds two things to the result of an iteration: the size of the store, which the benchmark reports as it tears the
 * store down, before JMH asks; and the bytes an operation made the device write, where the system counts them.
 */
public final class DiskProfiler implements InternalProfiler {

    /** The name of the size of the store. */
    static final String STORE_BYTES = "disk";

    /** The name of the bytes written by an operation. */
    static final String WRITTEN_BYTES = "written";

    private static volatile long lastStoreBytes;

    private final Optional<BlockDevice> device;
    private long writtenBefore;

    public DiskProfiler() throws IOException {
        device = BlockDevice.of(Files.createDirectories(DataDirectory.parent()));
    }

    static void report(long storeBytes) {
        lastStoreBytes = storeBytes;
    }

    @Override
    public String getDescription() {
        return "size of the store and bytes written to the device";
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmarkParams, IterationParams iterationParams) {
        lastStoreBytes = 0;
        writtenBefore = device.map(BlockDevice::bytesWritten).orElse(0L);
    }

    @Override
    public Collection<? extends Result<?>> afterIteration(
            BenchmarkParams benchmarkParams, IterationParams iterationParams, IterationResult result) {
        List<ScalarResult> results = new ArrayList<>();
        results.add(new ScalarResult(STORE_BYTES, lastStoreBytes, "bytes", AggregationPolicy.MAX));
        long operations = result.getMetadata().getMeasuredOps();
        if (device.isPresent() && operations > 0) {
            double written = device.get().bytesWritten() - writtenBefore;
            results.add(new ScalarResult(WRITTEN_BYTES, written / operations, "bytes/op", AggregationPolicy.AVG));
        }
        return results;
    }
}
