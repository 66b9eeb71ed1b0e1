package dev.penstock.tools.console;

import dev.penstock.store.ProgressListener;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * A bar with rate and time to go on standard error, for a command that has run for a second, on a terminal. One thread.
 */
public final class ProgressDisplay implements ProgressListener, AutoCloseable {

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final Unit MEBIBYTES = new Unit(" MiB", 1 << 20);
    private static final Unit KEYS = new Unit(" keys", 1);

    /** What the bar counts in. */
    private record Unit(String name, long size) {}

    private final String task;
    private final Unit unit;
    private final Console console;
    private final LongSupplier nanoClock;
    private final long startNanos;
    private @Nullable ProgressBar bar;

    public ProgressDisplay(String task, Console console) {
        this(task, console, System::nanoTime);
    }

    public ProgressDisplay(String task, Console console, LongSupplier nanoClock) {
        this(task, MEBIBYTES, console, nanoClock);
    }

    private ProgressDisplay(String task, Unit unit, Console console, LongSupplier nanoClock) {
        this.task = task;
        this.unit = unit;
        this.console = console;
        this.nanoClock = nanoClock;
        this.startNanos = nanoClock.getAsLong();
    }

    /** A bar that counts keys instead of bytes. */
    public static ProgressDisplay ofKeys(String task, Console console) {
        return new ProgressDisplay(task, KEYS, console, System::nanoTime);
    }

    @Override
    public void progress(long doneBytes, long totalBytes) {
        if (bar == null) {
            if (console.columns() == 0 || nanoClock.getAsLong() - startNanos < PATIENCE_NANOS) {
                return;
            }
            bar = show(totalBytes);
        }
        bar.maxHint(totalBytes);
        bar.stepTo(doneBytes);
    }

    private ProgressBar show(long totalBytes) {
        return new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(totalBytes)
                .setUnit(unit.name(), unit.size())
                .showSpeed()
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(200)
                .startsFrom(0, Duration.ofNanos(nanoClock.getAsLong() - startNanos))
                .setConsumer(new Line(console))
                .build();
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }

    /** The line on the terminal, never wider than that is at the moment. */
    private static final class Line extends ConsoleProgressBarConsumer {

        private static final String CLEAR_TO_END_OF_SCREEN = "\r\033[J";

        private final Console console;
        private int columns; // when it was drawn last

        Line(Console console) {
            super(console.err(), console.columns());
            this.console = console;
            this.columns = console.columns();
        }

        @Override
        public int getMaxRenderedLength() {
            return console.columns();
        }

        /** A terminal that became narrower has broken the line that is there. */
        @Override
        public void accept(String rendered) {
            int now = console.columns();
            if (now < columns) {
                console.err().print(CLEAR_TO_END_OF_SCREEN);
            }
            columns = now;
            super.accept(rendered.substring(0, Math.min(rendered.length(), now)));
        }
    }
}
