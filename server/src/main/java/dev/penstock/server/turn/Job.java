package dev.penstock.server.turn;

import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Work for another thread, and its outcome. Run there; the result is read here, afterwards. */
public final class Job implements Runnable {

    private final BooleanSupplier work;
    private boolean result;
    private @Nullable Throwable failure;

    public Job(BooleanSupplier work) {
        this.work = work;
    }

    @Override
    public void run() {
        try {
            result = work.getAsBoolean();
        } catch (RuntimeException | Error e) {
            failure = e;
        }
    }

    /** What the work returned; throws what it threw. */
    public boolean result() {
        if (failure instanceof RuntimeException e) {
            throw e;
        }
        if (failure instanceof Error e) {
            throw e;
        }
        return result;
    }
}
