package dev.penstock.server.session;

import dev.penstock.server.resp.LargeArguments;
import dev.penstock.server.resp.PipelinePrefetch;
import dev.penstock.server.resp.Request;
import dev.penstock.server.resp.RequestBuffer;
import dev.penstock.server.resp.RequestDecoder;
import dev.penstock.server.transfer.Intake;
import dev.penstock.server.transfer.OutOfBudgetException;
import dev.penstock.server.transfer.Upload;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The Redis protocol of one client: decodes its requests and has the {@link Dispatcher} execute them. */
final class RedisProtocol implements Protocol {

    private final Dispatcher dispatcher;
    private final Session session;
    private final RequestBuffer input;
    private final RequestDecoder decoder;
    private final PipelinePrefetch prefetch;
    private int ahead; // requests whose keys were prefetched already
    private final @Nullable ClusterExecution cluster; // null unless what clients write is for the log of a group
    private boolean gathered; // the requests under way are dropped already
    private RequestDecoder.@Nullable Outcome held; // decoded, and to be looked at after what was gathered
    private @Nullable Upload upload; // set with INTAKE

    /** @param cluster proposes commands of a pipeline that write together; null if they are executed one by one */
    RedisProtocol(Dispatcher dispatcher, Session session, RequestBuffer input, @Nullable ClusterExecution cluster) {
        this.cluster = cluster;
        this.dispatcher = dispatcher;
        this.session = session;
        this.input = input;
        this.decoder = new RequestDecoder(input, new Arguments());
        this.prefetch = dispatcher.prefetch();
    }

    private final class Arguments implements LargeArguments {

        @Override
        public boolean streams(Request request, int index) {
            return dispatcher.streams(session, request, index);
        }

        @Override
        public long longestLength() {
            return dispatcher.longestArgument();
        }
    }

    @Override
    public void received() {
        ahead = prefetch.add(input);
    }

    @Override
    public void beginRun() {
        dispatcher.beginRun();
    }

    @Override
    public Progress next() {
        if (--ahead < 0) {
            ahead = prefetch.run(input) - 1;
        }
        return switch (held == null ? decode() : takeHeld()) {
            case MORE -> Progress.MORE;
            case REQUEST -> {
                if (cluster != null && gather(cluster)) {
                    yield session.isSuspended() ? Progress.UNFINISHED : Progress.DONE;
                }
                yield dispatcher.execute(session, decoder.request()) ? Progress.DONE : Progress.UNFINISHED;
            }
            case LARGE_ARGUMENT -> {
                upload = dispatcher.beginUpload(session, decoder.request(), decoder.announcedLength());
                stream(upload);
                yield Progress.INTAKE;
            }
            case ERROR -> {
                dispatcher.refuse(session, decoder);
                yield Progress.BROKEN;
            }
        };
    }

    /** A large value may have arrived meanwhile. */
    private RequestDecoder.Outcome takeHeld() {
        RequestDecoder.Outcome taken = Objects.requireNonNull(held);
        held = null;
        return taken == RequestDecoder.Outcome.LARGE_ARGUMENT && decoder.isWhole() ? decode() : taken;
    }

    /** Whether there were commands to propose; the client is parked then, unless they were refused. */
    private boolean gather(ClusterExecution execution) {
        ProposedWrites writes = null;
        boolean proposed = false;
        try {
            while (held == RequestDecoder.Outcome.REQUEST || writes == null) {
                ProposedWrites more = execution.gather(session, decoder.request(), writes);
                if (more == null) {
                    break;
                }
                writes = more;
                held = null;
                drop();
                if (writes.isFull()) {
                    break;
                }
                held = decode();
            }
            if (writes == null) {
                return false;
            }
            if (held == RequestDecoder.Outcome.MORE) {
                held = null;
            }
            gathered = true;
            execution.propose(session, writes);
            proposed = true;
        } finally {
            if (writes != null && !proposed) {
                writes.close();
            }
        }
        return true;
    }

    /** Blank lines and requests without arguments are consumed on the way. */
    private RequestDecoder.Outcome decode() {
        int before = input.available();
        RequestDecoder.Outcome outcome = decoder.next();
        session.inputConsumed(before - input.available());
        return outcome;
    }

    private void stream(Upload begun) {
        int before = input.available();
        decoder.stream(begun);
        session.inputConsumed(before - input.available());
    }

    private void drop() {
        int before = input.available();
        decoder.done();
        session.inputConsumed(before - input.available());
    }

    @Override
    public Intake intake() {
        return Objects.requireNonNull(upload);
    }

    @Override
    public boolean resume() {
        return dispatcher.resume(session, decoder.request());
    }

    @Override
    public void done() {
        upload = null;
        if (gathered) {
            gathered = false;
        } else {
            drop();
        }
    }

    @Override
    public boolean isMidRequest() {
        return decoder.isMidRequest();
    }

    @Override
    public void identified(boolean authenticated) {
        decoder.setAuthenticated(authenticated);
    }

    @Override
    public void refuse(OutOfBudgetException reason) {
        dispatcher.refuse(session, reason);
    }

    @Override
    public long idleSeconds() {
        return 0;
    }

    /** A client that gets no reply knows that its command was not executed. */
    @Override
    public void stopping() {}

    @Override
    public void discard() {
        upload = null;
        held = null;
        gathered = false;
        decoder.discard();
    }
}
