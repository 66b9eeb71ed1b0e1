package dev.penstock.store.internal.background;

import dev.penstock.store.internal.io.DiskFullException;
import dev.penstock.store.internal.io.StoreLog;
import dev.penstock.store.internal.io.Uninterrupted;
import dev.penstock.store.internal.reclaim.Reclaimer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.AgentTerminationException;
import org.agrona.concurrent.CompositeAgent;
import org.jspecify.annotations.Nullable;

/**
 * A background thread of the store. Its agents work when {@link #wakeUp} is called and sleep otherwise; an error in one
 * agent is logged and the others continue. Not final, so that tests can run the agents by hand.
 */
public class AgentThread implements Reclaimer.Schedule, AutoCloseable {

    /** Makes threads by their names. */
    public static final Function<String, AgentThread> FACTORY = new Function<>() {
        @Override
        public AgentThread apply(String name) {
            return new AgentThread(name);
        }
    };

    private static final long PAUSE_AFTER_ERROR_NANOS = 100_000_000;

    private final String name;
    private final WakeableIdleStrategy idle = new WakeableIdleStrategy();
    private volatile boolean stopping;
    private @Nullable AgentRunner runner;
    private volatile @Nullable Thread thread;

    /** @param name of the thread */
    public AgentThread(String name) {
        this.name = name;
    }

    /** Starts the thread. */
    public void start(Agent... agents) {
        List<Agent> duties = new ArrayList<>(List.of(agents));
        duties.add(new Stop());
        runner = new AgentRunner(idle, new Failed(), null, new Duties(duties));
        // Agrona's way to start it would name the thread after the agents.
        Thread started = new Thread(runner, name);
        started.setDaemon(true);
        thread = started;
        started.start();
    }

    /** Runs a piece of work for the agents, on a thread that ends with it. */
    public void runAside(Runnable work) {
        Thread thread = new Thread(work, name + "-aside");
        thread.setDaemon(true);
        thread.start();
    }

    /** Whether this is the thread, as in a logger or a clock that an agent calls. */
    public boolean isCurrent() {
        return Thread.currentThread().equals(thread);
    }

    /** Any thread; cheap. */
    @Override
    public void wakeUp() {
        idle.wakeUp();
    }

    /** Schedules the agents' next run after this time at the latest. Called on the thread itself. */
    @Override
    public void lookAgainAfter(long nanos) {
        idle.sleepAtMost(nanos);
    }

    /** Waits until the agents have finished their current work, then ends the thread. Never interrupts it. */
    @Override
    public void close() {
        stopping = true;
        idle.wakeUp();
        Thread started = thread;
        if (started != null && runner != null) {
            // Agrona would interrupt it after five seconds, or at once if the caller is interrupted.
            Uninterrupted.join(started);
            runner.close();
        }
    }

    /** Agrona would have the agents work again at once, and fail a million times if the cause stays. */
    private final class Failed implements ErrorHandler {

        @Override
        public void onError(Throwable error) {
            log(error);
            if (!(error instanceof AgentTerminationException)) {
                idle.sleepAtMost(PAUSE_AFTER_ERROR_NANOS);
                idle.idle();
            }
        }
    }

    private static void log(Throwable error) {
        switch (error) {
            case AgentTerminationException expected -> {}
            // The write that needs the space throws this exception itself.
            case DiskFullException full -> StoreLog.get().log(System.Logger.Level.DEBUG, full.getMessage());
            default ->
                StoreLog.get()
                        .log(System.Logger.Level.WARNING, "background work failed and is tried again later", error);
        }
    }

    /**
     * All agents of the thread. Where memory is released that an agent is just reading, the JVM sets the interrupt
     * status of the thread; and Agrona ends a thread that is interrupted, which nobody does on purpose here.
     */
    private static final class Duties extends CompositeAgent {

        Duties(List<Agent> agents) {
            super(agents);
        }

        @Override
        public int doWork() throws Exception {
            try {
                return super.doWork();
            } finally {
                Thread.interrupted();
            }
        }
    }

    /** Ends the runner from inside, since from outside it could only be interrupted. */
    private final class Stop implements Agent {

        @Override
        public void onStart() {
            StoreLog.keep();
        }

        @Override
        public int doWork() {
            if (stopping) {
                throw new AgentTerminationException(true);
            }
            return 0;
        }

        @Override
        public String roleName() {
            return "stop";
        }
    }
}
