package dev.penstock.server.command;

/** A command of which another thread does the work. */
final class Elsewhere implements Suspended {

    private final Job job;
    private final Runnable reply;
    private boolean begun;

    private Elsewhere(Job job, Runnable reply) {
        this.job = job;
        this.reply = reply;
    }

    /** @param work touches nothing of the event loop */
    static void run(Session session, Runnable work, Runnable reply) {
        session.run(new Elsewhere(
                new Job(() -> {
                    work.run();
                    return true;
                }),
                reply));
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
