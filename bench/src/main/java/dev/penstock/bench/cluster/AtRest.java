package dev.penstock.bench.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Measures memory and processor time of servers without clients. */
final class AtRest {

    private static final int SETTLE_SECONDS = 10;

    /**
     * One server at rest.
     *
     * @param pssMebibytes proportional set size: pages that processes share count in part
     * @param anonymousMebibytes of that, what is in no file
     * @param processorMillisPerSecond user and system time
     * @param sleepsPerSecond times that its threads went to sleep
     */
    record AtRestSample(
            ClusterKind system,
            String server,
            boolean isLeader,
            double pssMebibytes,
            double anonymousMebibytes,
            double processorMillisPerSecond,
            double sleepsPerSecond) {}

    private AtRest() {}

    static List<AtRestSample> measure(ClusterKind kind, Deployment deployment, int seconds)
            throws IOException, InterruptedException {
        TimeUnit.SECONDS.sleep(SETTLE_SECONDS);
        Member leader = deployment.leader();
        List<Duration> before = new ArrayList<>();
        List<Long> sleepsBefore = new ArrayList<>();
        for (Member member : deployment.members()) {
            before.add(member.process().processorTime());
            sleepsBefore.add(sleeps(member.process().pid()));
        }
        long start = System.nanoTime();
        TimeUnit.SECONDS.sleep(seconds);
        double passed = (System.nanoTime() - start) / 1e9;
        List<AtRestSample> samples = new ArrayList<>();
        for (int i = 0; i < before.size(); i++) {
            Member member = deployment.members().get(i);
            long pid = member.process().pid();
            Duration spent = member.process().processorTime().minus(before.get(i));
            samples.add(new AtRestSample(
                    kind,
                    member.name(),
                    member == leader,
                    kibibytes(pid, "Pss:") / 1024.0,
                    kibibytes(pid, "Pss_Anon:") / 1024.0,
                    spent.toNanos() / 1e6 / passed,
                    (sleeps(pid) - sleepsBefore.get(i)) / passed));
        }
        return samples;
    }

    private static long kibibytes(long pid, String field) throws IOException {
        Path file = Path.of("/proc", Long.toString(pid), "smaps_rollup");
        return Files.readAllLines(file).stream()
                .filter(line -> line.startsWith(field))
                .mapToLong(AtRest::number)
                .findFirst()
                .orElseThrow(() -> new IOException(file + " has no " + field));
    }

    private static long number(String line) {
        return Long.parseLong(line.replaceAll("\\D", ""));
    }

    private static long sleeps(long pid) throws IOException {
        long sum = 0;
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            for (Path thread : threads.toList()) {
                if (Files.exists(thread)) {
                    sum += Files.readAllLines(thread.resolve("status")).stream()
                            .filter(line -> line.startsWith("voluntary_ctxt_switches"))
                            .mapToLong(AtRest::number)
                            .sum();
                }
            }
        }
        return sum;
    }
}
