package dev.penstock.server.session;

import dev.penstock.server.resp.Reply;
import dev.penstock.server.transfer.Verification;
import dev.penstock.server.turn.Job;
import dev.penstock.server.turn.Suspended;

/** The end of a command whose reply contains long values that must be verified: another thread reads them. */
public final class Verifying implements Suspended {

    private final Verification verification;
    private final Job job;
    private boolean begun;

    private Verifying(Verification verification) {
        this.verification = verification;
        this.job = new Job(() -> {
            verification.run();
            return true;
        });
    }

    /** Suspends the command that has just made its reply, if there is something to verify. */
    public static void run(Session session, Reply reply) {
        Verification due = reply.verification();
        if (due != null) {
            session.run(new Verifying(due));
        }
    }

    @Override
    public boolean goOn() {
        if (!begun) {
            begun = true;
            return false;
        }
        return job.result();
    }

    @Override
    public Runnable elsewhere() {
        return job;
    }

    @Override
    public void close() {
        verification.close();
    }
}
