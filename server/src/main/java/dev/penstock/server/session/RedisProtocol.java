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
    private @Nullable Upload upload; // set with INTAKE

    RedisProtocol(Dispatcher dispatcher, Session session, RequestBuffer input) {
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
        return switch (decoder.next()) {
            case MORE -> Progress.MORE;
            case REQUEST -> dispatcher.execute(session, decoder.request()) ? Progress.DONE : Progress.UNFINISHED;
            case LARGE_ARGUMENT -> {
                upload = dispatcher.beginUpload(session, decoder.request(), decoder.announcedLength());
                decoder.stream(upload);
                yield Progress.INTAKE;
            }
            case ERROR -> {
                dispatcher.refuse(session, decoder);
                yield Progress.BROKEN;
            }
        };
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
        decoder.done();
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
        decoder.discard();
    }
}
