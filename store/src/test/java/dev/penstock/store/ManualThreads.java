package dev.penstock.store;

import dev.penstock.store.internal.background.AgentThread;
import dev.penstock.store.internal.background.ExpirySweep;
import dev.penstock.store.internal.compaction.BackgroundCompaction;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.agrona.concurrent.Agent;

/**
 * Background threads of a store that are none: their agents work when told to, so that every run is like the other. The
 * sweep of what has expired looks at the time and so never works here; {@link Store#sweepExpired} does the same.
 */
public final class ManualThreads implements Function<String, AgentThread> {

    private final List<Agent> agents = new ArrayList<>();

    @Override
    public AgentThread apply(String name) {
        return new AgentThread(name) {

            @Override
            public void start(Agent... duties) {
                for (Agent duty : duties) {
                    if (!(duty instanceof ExpirySweep || duty instanceof BackgroundCompaction)) {
                        agents.add(duty);
                    }
                }
            }

            @Override
            public void runAside(Runnable work) {
                work.run();
            }

            @Override
            public void close() {
                agents.clear();
            }
        };
    }

    /** Has every agent work once; an error of one does not keep the others from it. */
    public void work() throws Exception {
        Exception failed = null;
        for (Agent agent : agents) {
            try {
                agent.doWork();
            } catch (Exception e) {
                failed = e;
            }
        }
        if (failed != null) {
            throw failed;
        }
    }
}
