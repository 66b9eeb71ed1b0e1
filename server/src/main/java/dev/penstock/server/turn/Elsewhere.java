package dev.penstock.server.turn;

/** A command whose work another thread does. */
public final class Elsewhere implements Suspended {

    private final Job job;
    private final Runnable reply;
    private boolean begun;

    /**
     * @param work touches nothing of the event loop
     * @param reply run on the event loop when the work is done
     */
    public Elsewhere(Runnable work, Runnable reply) {
        this.job = new Job(() -> {
            work.run();
            return true;
        });
        this.reply = reply;
    }

    @Override
    public boolean goOn() {
        if (!begun) {
            begun = true;
            return false;
        }
        if (job.result()) {
            reply.run();
        }
        return true;
    }

    @Override
    public Runnable elsewhere() {
        return job;
    }
}
