package dev.penstock.bench.server;

import dev.penstock.bench.process.BlockingClient;
import dev.penstock.bench.process.ServerProcess;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * One connection that asks at fixed times, whatever became of the question before. An answer that keeps the next
 * question from being asked in time counts against the server from the time at which it was due; the client's own late
 * waking does not, since it is the same for all servers and says nothing about them.
 */
final class OpenLoop implements Callable<Histogram> {

    /** Asks once and reads the whole answer. */
    @FunctionalInterface
    interface Question {
        void ask(BlockingClient connection, long number) throws IOException;
    }

    static final int DIGITS = 3;

    private final ServerProcess server;
    private final Question question;
    private final long intervalNanos;
    private final long firstNanos;
    private final long measuredFromNanos;
    private final long endNanos;

    /**
     * @param intervalNanos between questions
     * @param firstNanos when the first one is due, in terms of {@link System#nanoTime}
     * @param warmUpNanos after that, in which nothing is recorded
     * @param measuredNanos after that
     */
    OpenLoop(
            ServerProcess server,
            Question question,
            long intervalNanos,
            long firstNanos,
            long warmUpNanos,
            long measuredNanos) {
        this.server = server;
        this.question = question;
        this.intervalNanos = intervalNanos;
        this.firstNanos = firstNanos;
        this.measuredFromNanos = firstNanos + warmUpNanos;
        this.endNanos = measuredFromNanos + measuredNanos;
    }

    /** Times in nanoseconds from when an answer was due to begin until it was whole. */
    @Override
    public Histogram call() throws IOException {
        Histogram histogram = new Histogram(DIGITS);
        try (BlockingClient connection = new BlockingClient(server.address())) {
            long number = 0;
            for (long due = firstNanos; due - endNanos < 0; due += intervalNanos) {
                long began = begin(due);
                question.ask(connection, number++);
                if (due - measuredFromNanos >= 0) {
                    histogram.recordValue(Math.max(0, System.nanoTime() - began));
                }
            }
        }
        return histogram;
    }

    private static long begin(long due) {
        if (System.nanoTime() - due >= 0) {
            return due; // the answer before came too late
        }
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
        return System.nanoTime();
    }
}
